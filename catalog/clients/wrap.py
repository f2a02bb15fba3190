"""Putting the servers of a client's config behind the gateway, and taking the gateway away again."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from catalog.clients import entries
from catalog.clients.config_file import drop
from catalog.errors import CatalogError, ConfigError, UnknownTarget
from catalog.sources import client_entries, paths
from catalog.sources.client_configs import parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from pathlib import Path

    from catalog.clients.changes import Change
    from catalog.clients.config_file import ConfigFile
    from catalog.clients.gateway_command import GatewayCommand
    from catalog.clients.policies import Chosen
    from catalog.records import ServerRecord
    from catalog.sources.client_configs import Place


class State(StrEnum):
    """What becomes of a server's entry."""

    WRAPPED = "wrapped"
    ALREADY = "already wrapped"
    DISABLED = "disabled"
    LEFT = "left as it is"
    UNCLASSIFIED = "never classified"
    PUT_BACK = "put back"


@dataclass(frozen=True, slots=True)
class Fate:
    """One server's: why it is left, or the policy before it. `signs_in`: it is remote, and its client may sign in itself."""

    name: str
    state: State
    why: str = ""
    policy: Chosen | None = None
    signs_in: bool = False


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A config's new text and what it means for each server; nothing is written yet.

    `exact`: the text is, byte for byte, what stood there before it was wrapped. `spent` are backups that are
    not needed once the text is written.
    """

    file: ConfigFile
    text: str
    fates: tuple[Fate, ...]
    exact: bool = True
    spent: tuple[Path, ...] = ()

    def count(self, state: State) -> int:
        """How many servers that becomes of."""
        return sum(fate.state is state for fate in self.fates)


@dataclass(frozen=True, slots=True)
class Wrapping:
    """How servers are put behind the gateway: all, or those of these `names`."""

    gateway: GatewayCommand
    policy: Callable[[ServerRecord], Chosen]
    names: Collection[str] = field(default=())

    def plan(self, file: ConfigFile) -> Rewriting:
        """What the config becomes.

        Raises:
            UnknownTarget: the config has no server of a name that was asked for.
            ConfigError: the config cannot be changed for certain.
            PolicyError: a policy has errors.

        """
        missing = set(self.names) - {name for name, _ in file.servers.values()}
        if missing:
            known = ", ".join(sorted({name for name, _ in file.servers.values()}))
            raise UnknownTarget(f"{file.path} has no server {min(missing)!r}", hint=f"it has {known}")
        edits: dict[Place, tuple[Change, ...]] = {}
        fates = []
        for place, (name, entry) in file.servers.items():
            if not self.names or name in self.names:
                fate, changes = self._fate(name, entry, paths.shown(file.path))
                fates.append(fate)
                edits |= {place: changes} if changes else {}
        return Rewriting(file, file.edited(edits), tuple(fates))

    def _fate(self, name: str, entry: Any, shown: str) -> tuple[Fate, tuple[Change, ...]]:
        record = client_entries.record(name, entry, shown)
        untouched = _untouched(name, entry, record)
        if untouched is not None:
            return untouched, ()
        try:
            entries.wrapping(entry, record, ("catalog",))  # can it be done at all?
            policy = self.policy(record)
        except entries.Unsayable as why:
            return Fate(name, State.LEFT, str(why)), ()
        except UnknownTarget as error:
            return Fate(name, State.UNCLASSIFIED, str(error)), ()
        words = self.gateway.words(name, policy.path, entry.get("env") or {})
        signs_in = "command" not in entry and not entries.has_headers(entry)
        return Fate(name, State.WRAPPED, "", policy, signs_in), entries.wrapping(entry, record, words)


def write(rewriting: Rewriting) -> Path:
    """Write the policies, a backup and the config, in this order; the backup's path.

    The backup is the config without any gateway: one that was wrapped in part before is taken back for it.

    Raises:
        OutputError: something cannot be written; the config is as it was.
        ConfigError: the config was changed meanwhile.

    """
    file = rewriting.file
    before = unwrapping(file)
    for fate in rewriting.fates:
        if fate.policy is not None:
            fate.policy.write()
    backup = file.back_up(before.text, rewriting.text)
    try:
        file.replace(rewriting.text)
    except CatalogError:
        drop(backup)
        raise
    for spent in before.spent:
        drop(spent)
    return backup


def unwrapping(file: ConfigFile) -> Rewriting:
    """What the config was before it was wrapped.

    Where it is exactly as the gateway left it, that is its backup. Where somebody changed it since, their
    changes stay: only the entries are put back, and the backup shows how they were.

    Raises:
        ConfigError: its backup cannot be read, or the config cannot be changed for certain.

    """
    wrapped = {place: it for place, it in file.servers.items() if _guarded(it[1])}
    own = file.backup_for(file.text)
    if own.is_file():
        fates = tuple(Fate(name, State.PUT_BACK) for name, _ in wrapped.values())
        return Rewriting(file, file.backup(own), fates, spent=(own,))
    former = _former(file) if wrapped else {}
    edits, fates_ = {}, []
    for place, (name, entry) in wrapped.items():
        try:
            edits[place] = entries.unwrapping(entry, _entry(former, place))
            fates_.append(Fate(name, State.PUT_BACK))
        except entries.Unsayable as why:
            fates_.append(Fate(name, State.LEFT, str(why)))
    return Rewriting(file, file.edited(edits), tuple(fates_), exact=not wrapped)


def _untouched(name: str, entry: object, record: ServerRecord) -> Fate | None:
    """The fate of an entry that is not to be changed, whatever the policies."""
    if _guarded(entry):
        return Fate(name, State.ALREADY)
    if record.launch is not None:
        return None
    if isinstance(entry, Mapping) and (entry.get("disabled") or entry.get("enabled") is False):
        return Fate(name, State.DISABLED)
    return Fate(name, State.LEFT, "; ".join(record.unread))


def _guarded(entry: object) -> bool:
    return isinstance(entry, Mapping) and entries.is_guarded(entry)


def _former(file: ConfigFile) -> Mapping[Place, tuple[str, Any]]:
    """The servers of the newest backup; none where there is no backup that can be read."""
    for backup in file.backups()[-1:]:
        with suppress(ConfigError):
            text = file.backup(backup).removeprefix("\ufeff")
            return replace(file, value=parsed(file.path, text)).servers
    return {}


def _entry(servers: Mapping[Place, tuple[str, Any]], place: Place) -> Mapping[str, Any] | None:
    entry = servers.get(place, ("", None))[1]
    return entry if isinstance(entry, Mapping) and not _guarded(entry) else None

"""Client configs rewritten at the command line: what is asked for, done and told."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from catalog.cli import output
from catalog.cli.listing import Column, Row, print_rows
from catalog.cli.options import Format
from catalog.clients.config_file import ConfigFile, drop
from catalog.clients.gateway_command import GatewayCommand, database_url, policies_folder
from catalog.clients.policies import Chosen, Policies, check
from catalog.clients.wrap import Fate, Rewriting, State, Wrapping, unwrapping, write
from catalog.db.grants import check_name
from catalog.db.store import Store
from catalog.errors import Incomplete, UsageError
from catalog.policy.recommend import Profile
from catalog.records import ServerRecord
from catalog.visible import one_line


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which servers to put behind the gateway, with which policies, under which grant."""

    servers: tuple[str, ...]
    policy: Path | None
    policies: Path | None
    profile: Profile
    pin: bool
    grant: str | None
    db: str | None


def wrap(config: Path, wanted: Wanted, form: Format, *, dry_run: bool, strict: bool) -> None:
    """Put a config's servers behind the gateway, and tell of each."""
    plan = _planned(ConfigFile.read(config), wanted)
    _print(plan, form, dry_run=dry_run)
    wrapped = output.plural(plan.count(State.WRAPPED), "server")
    if not plan.count(State.WRAPPED):
        _nothing_to_do(plan)
    elif dry_run:
        output.say(f"Dry run: nothing was written. {config}: {wrapped} would be wrapped")
    else:
        backup = write(plan)
        output.say(f"{config}: {wrapped} behind the gateway; backup: {backup}")
        output.say(f"Next: restart the client. To undo: catalog gateway unwrap {shlex.quote(str(config))}")
    left = plan.count(State.LEFT) + plan.count(State.UNCLASSIFIED)
    if left and strict:
        raise Incomplete(f"{output.plural(left, 'server')} left without a gateway", hint="the table says why")


def unwrap(config: Path, form: Format, *, dry_run: bool) -> None:
    """Take the gateway out of a config again, and tell how exactly it is as it was."""
    plan = unwrapping(ConfigFile.read(config))
    if not plan.fates:
        output.say(f"{config}: no server is behind the gateway")
        return
    _print(plan, form, dry_run=dry_run)
    if dry_run:
        output.say("Dry run: nothing was written")
        return
    plan.file.replace(plan.text)
    for spent in plan.spent:
        drop(spent)
    if plan.exact:
        output.say(f"{config}: as it was before, byte for byte")
    else:
        _not_exact(plan)
    output.say("Next: restart the client")


def _planned(file: ConfigFile, wanted: Wanted) -> Rewriting:
    if wanted.grant is not None:
        check_name(wanted.grant)
    url = database_url(wanted.db)
    command = GatewayCommand(url, wanted.grant)
    if wanted.policy is not None:
        return Wrapping(command, _for_all(wanted.policy), wanted.servers).plan(file)
    folder = (wanted.policies or policies_folder(url)).absolute()
    with closing(Store.open(url)) as store:
        policies = Policies(folder, store, wanted.profile, wanted.pin)
        return Wrapping(command, policies.chosen, wanted.servers).plan(file)


def _for_all(policy: Path) -> Callable[[ServerRecord], Chosen]:
    check(policy)
    chosen = Chosen(policy.absolute(), summary="one for all")
    return lambda _: chosen


def _print(plan: Rewriting, form: Format, *, dry_run: bool) -> None:
    print_rows([_row(fate, dry_run=dry_run) for fate in plan.fates], COLUMNS, form, None)
    unknown = plan.count(State.UNCLASSIFIED)
    if unknown:
        config = shlex.quote(str(plan.file.path))
        told = f"{output.plural(unknown, 'server')} never classified"
        output.warn(f"{told}. Next: catalog classify {config}; then catalog gateway wrap {config}")
    for fate in plan.fates:
        if fate.signs_in:
            why = "will not get in any more: the gateway cannot sign in"
            output.warn(f"{fate.name}: if its client signs in through the browser, it {why}")


def _nothing_to_do(plan: Rewriting) -> None:
    if plan.count(State.ALREADY) or all(fate.state is State.DISABLED for fate in plan.fates):
        output.say(f"{plan.file.path}: nothing to do")
        return
    raise UsageError(
        f"{plan.file.path}: no server could be put behind the gateway", hint="the table says why"
    )


def _not_exact(plan: Rewriting) -> None:
    what = "was changed after it was wrapped (or its backup is gone)"
    output.warn(f"{plan.file.path} {what}: the servers are put back, all else stays as it is now")
    for backup in plan.file.backups():
        why = "remove it when you do not need it, it may hold secrets"
        output.say(f"The backup stays: {backup}; {why}")


def _row(fate: Fate, *, dry_run: bool) -> dict[str, Any]:
    return {
        "server": fate.name,
        "state": fate.state.value,
        "dry_run": dry_run,
        "policy": str(fate.policy.path) if fate.policy else None,
        "policy_summary": fate.policy.summary if fate.policy else "",
        "reason": fate.why,
    }


def _what(row: Row) -> str:
    return f"{row['policy']} ({row['policy_summary']})" if row["policy"] else str(row["reason"])


_STYLE: Final = {
    State.WRAPPED: "green",
    State.PUT_BACK: "green",
    State.ALREADY: "dim",
    State.DISABLED: "dim",
    State.LEFT: "yellow",
    State.UNCLASSIFIED: "yellow",
}
COLUMNS: Final = (
    Column(
        "Server", lambda row: str(row["server"]), lambda row: Text(one_line(row["server"], 60), style="bold")
    ),
    Column(
        "State",
        lambda row: str(row["state"]),
        lambda row: Text(row["state"], style=_STYLE[State(row["state"])]),
    ),
    Column("Policy, or why not", _what, ratio=1),
)

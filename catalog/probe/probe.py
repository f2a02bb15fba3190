"""One server in, one result out: prepare, start, read its tools, end it; every failure is an outcome."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
import time
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from catalog.probe import masking, npm, pypi, reasons
from catalog.probe.environment import allowed, declared
from catalog.probe.fault import Died, Fault, NotPrepared
from catalog.probe.installed import is_sdk_1
from catalog.probe.limits import Sandbox
from catalog.probe.listing import definitions, read_pages
from catalog.probe.prepared import environment
from catalog.probe.remote import read_remote
from catalog.probe.sandbox import Place, choose, confined, named_files, script_folders, standing
from catalog.probe.stdio import StdioServer
from catalog.probe.tap import Tap
from catalog.records import CrawlResult, Launch, LaunchKind, Outcome
from catalog.visible import one_line
from classifier.types import Provenance

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from catalog.probe.limits import ProbeOptions
    from catalog.probe.listing import Pages
    from catalog.records import ServerRecord

_COMMAND_GRACE: Final = 2.0  # seconds a user's own command gets to clean up (a container to stop)
_NO_PLACE: Final = "install bubblewrap, or choose --sandbox none"
_CERTIFICATES: Final = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "NODE_EXTRA_CA_CERTS",
)
_OWN_SOURCE: Final = "command"  # of records whose command the user gave, after `--`
_AS_IT_IS: Final = "started as it is, without a sandbox: a command is the user's own choice"
_AS_ASKED: Final = "started without a sandbox, as asked for"
# How a command ends that cannot work in a sandbox, or that cannot be put into one.
_MAY_NEED_MORE: Final = frozenset({Outcome.START_FAILED, Outcome.TIMEOUT, Outcome.UNSUPPORTED})


async def probe(record: ServerRecord, options: ProbeOptions, progress: Callable[[str], None]) -> CrawlResult:
    """Find out which tools a server has. Whatever the server does, this gives a result and leaves nothing running.

    `progress` gets short texts about the current step. Only `initialize` (or `server/discover`) and
    `tools/list` are ever sent.
    """
    began = time.monotonic()
    launch = record.launch
    if launch is None:
        result = _without_launch(record)
    else:
        attempt = _Attempt(record, launch, options, progress)
        try:
            result = attempt.result(await attempt.pages())
        except Fault as fault:
            result = attempt.failed(fault.outcome, fault.reason, fault.hint)
            if isinstance(fault, NotPrepared) and fault.no_network and record.fallback:
                result = _bundled(result)
    return replace(result, seconds=time.monotonic() - began)


def _without_launch(record: ServerRecord) -> CrawlResult:
    """Definitions that were read from a file or from source code, or why there are none."""
    found = CrawlResult(record, Outcome.OK, unread=record.unread, notes=record.notes)
    if record.definitions:
        return replace(found, definitions=record.definitions, provenance=record.definitions[0].provenance)
    if record.unread:
        reason, *others = record.unread
        step = "correct or enable it there, and crawl again"
        return replace(
            found, outcome=Outcome.UNSUPPORTED, reason=reason, next_step=step, unread=tuple(others)
        )
    return replace(found, outcome=Outcome.NO_TOOLS, reason="nothing was found that defines a tool")


def _bundled(failed: CrawlResult) -> CrawlResult:
    """The bundled facts in place of a package that cannot be fetched."""
    known = f"{failed.record.fallback_of}; " if failed.record.fallback_of else ""
    note = (
        f"no network: the bundled snapshot of {failed.record.name} "
        f"({known}names, parameters and annotations only) is used"
    )
    return CrawlResult(
        failed.record,
        Outcome.OK,
        definitions=failed.record.fallback,
        unread=failed.record.unread,
        notes=(*failed.notes, note),
        provenance=Provenance.BUNDLED,
    )


@dataclass
class _Attempt:
    """The probe of one server, with what is known about it so far."""

    record: ServerRecord
    launch: Launch
    options: ProbeOptions
    progress: Callable[[str], None]
    notes: list[str] = field(default_factory=list)
    isolation: str = ""
    version: str | None = None
    folder: str = ""  # of the prepared package: where it lies here is nobody's business

    async def pages(self) -> Pages:
        """Read the tools, by the way of the launch's kind.

        Raises:
            Fault: whatever went wrong.

        """
        match self.launch.kind:
            case LaunchKind.PYPI | LaunchKind.NPM:
                return await self._package()
            case LaunchKind.COMMAND:
                return await self._own_command()
            case LaunchKind.HTTP | LaunchKind.SSE:
                return await read_remote(self.launch, self.options.limits, self.progress)
            case LaunchKind.UNSUPPORTED:
                words = self.launch.package or "this kind of package"
                raise Fault(
                    Outcome.UNSUPPORTED,
                    f"there is no way to start {words} here",
                    "start it yourself: give a command after --",
                )

    def result(self, pages: Pages) -> CrawlResult:
        """The result of a server that listed its tools."""
        remote = self.launch.kind in (LaunchKind.HTTP, LaunchKind.SSE)
        provenance = Provenance.LIVE_REMOTE if remote else Provenance.LIVE
        read, unread, remarks = definitions(pages.tools, self.record.name, provenance)
        if unread and not read:
            return self.failed(Outcome.PROTOCOL_ERROR, f"none of its tools can be read: {unread[0]}", "")
        return replace(
            self.failed(
                Outcome.OK if read else Outcome.NO_TOOLS, "" if read else "the server lists no tools", ""
            ),
            definitions=read,
            unread=(
                *self.record.unread,
                *(one_line(masking.mask(line, self._secrets), 200) for line in unread),
            ),
            notes=self._notes(remarks),
            protocol_version=pages.protocol_version,
            provenance=provenance,
        )

    def failed(self, outcome: Outcome, reason: str, next_step: str) -> CrawlResult:
        """A result without tools."""
        return CrawlResult(
            self.record,
            outcome,
            masking.shown(reason.replace(f"{self.folder}/", "") if self.folder else reason, self._secrets),
            masking.mask(next_step, self._secrets),
            notes=self._notes(),
            package_version=self.version,
            isolation=self.isolation,
        )

    def _notes(self, remarks: Sequence[str] = ()) -> tuple[str, ...]:
        own = (masking.mask(note, self._secrets) for note in (*self.notes, *remarks))
        return (*self.record.notes, *own)

    @cached_property
    def _secrets(self) -> tuple[str, ...]:
        return masking.known_secrets(self.launch)

    @property
    def _trusted(self) -> bool:
        """Whether the launch is the user's own words, or was started as such: then it gets what they have."""
        own = self.record.source == _OWN_SOURCE or self.options.sandbox == Sandbox.NONE
        return own and self.launch.kind is LaunchKind.COMMAND

    async def _package(self) -> Pages:
        """Prepare and start; once more with SDK 1 when the server dies as code written for it does."""
        try:
            return await self._prepared(sdk_1=False)
        except _DiedOfSdk2:
            self.notes.clear()
            return await self._prepared(sdk_1=True)

    async def _prepared(self, *, sdk_1: bool) -> Pages:
        if self.launch.kind is LaunchKind.PYPI:
            install = partial(pypi.install, self.launch, self.options, self.progress, sdk_1=sdk_1)
        else:
            install = partial(npm.install, self.launch, self.options, self.progress)
        variant = pypi.SDK_1 if sdk_1 else ""
        async with environment(self.launch, variant, self.options, install) as (folder, prepared):
            self.version, self.folder = prepared.version, str(folder)
            self.notes += prepared.notes
            place = await self._place(self.options.sandbox)
            command = (*prepared.argv(folder), *self.launch.arguments)
            try:
                return await self._start(command, place, (str(folder), *prepared.readable))
            except Died as died:
                if not sdk_1 and not is_sdk_1(prepared.sdk_version) and reasons.died_of_sdk_2(died.stderr):
                    raise _DiedOfSdk2 from died
                raise

    async def _own_command(self) -> Pages:
        """A command that the user gave runs as it would by hand; one that stands in a file runs in bubblewrap.

        Also the user's own runs in bubblewrap when that was asked for, and any without when that was.
        """
        command = self.launch.command
        if self._trusted and self.options.sandbox != Sandbox.BWRAP:
            note = _AS_IT_IS if self.record.source == _OWN_SOURCE else _AS_ASKED
            return await self._start(command, Place(None, note), ())
        program = shutil.which(command[0])
        if program is None:
            words = f"{command[0]}: {os.strerror(errno.ENOENT)}"
            raise Fault(Outcome.START_FAILED, words, "check the command")
        readable = [*standing(str(Path.cwd() / program)), *named_files(command), *script_folders(command)]
        try:
            return await self._start(command, await self._place(Sandbox.BWRAP), readable)
        except Fault as fault:
            if self.record.source == _OWN_SOURCE or fault.outcome not in _MAY_NEED_MORE:
                raise
            raise Fault(fault.outcome, fault.reason, _outside(fault.hint)) from fault

    async def _place(self, wish: Sandbox) -> Place:
        place, trouble = await choose(wish)
        if place is None:
            raise Fault(Outcome.UNSUPPORTED, trouble, _NO_PLACE)
        return place

    async def _start(self, command: Sequence[str], place: Place, readable: Sequence[str]) -> Pages:
        """Start the command in its place and read its tools.

        Raises:
            Died: it ended or stayed silent; with all that it said.
            Fault: anything else that went wrong.

        """
        self.isolation = place.isolation
        self.notes += [place.note] if place.note else []
        own = self.launch.kind is LaunchKind.COMMAND
        variables = self._environment(place)
        argv = tuple(command)
        if place.bwrap or not own:
            certificates = [variables[name] for name in _CERTIFICATES if name in variables]
            network = self.options.allow_network
            argv = confined(command, place, [*readable, *certificates], self.options, network=network)
        with nullcontext(None) if own or place.bwrap else _empty_home() as room:
            if room:  # an empty home also where there is no sandbox to provide one
                variables["HOME"] = room
            grace = _COMMAND_GRACE if own else 0
            server = partial(StdioServer, argv, variables, self._directory(room), self.options.limits, grace)
            return await self._read_in_either_era(
                server, networked=place.bwrap is None or self.options.allow_network
            )

    async def _read_in_either_era(self, server: Callable[[], StdioServer], *, networked: bool) -> Pages:
        """Ask as the newest protocol does; a server that dies of that is started once more and asked as of old."""
        try:
            return await self._read(server(), networked=networked)
        except Died as died:
            if not reasons.died_of_discover(died.stderr):
                raise
        return await self._read(server(), networked=networked, legacy=True)

    def _directory(self, room: str | None) -> Path | None:
        if room:
            return Path(room)
        own = self.launch.kind is LaunchKind.COMMAND and self.launch.working_directory
        return Path(own) if own else None

    async def _read(self, server: StdioServer, *, networked: bool, legacy: bool = False) -> Pages:
        tap = Tap(self.options.limits)
        self.progress("starting")
        try:
            return await read_pages(
                server.connect(tap), tap, self.options.limits, self.progress, legacy=legacy
            )
        except Fault as fault:
            if isinstance(fault.__cause__, OSError) and server.exit_code is None:
                words = fault.__cause__.strerror or str(fault.__cause__)
                raise Fault(
                    Outcome.START_FAILED, f"{server.command[0]}: {words}", "check the command"
                ) from fault
            stderr = masking.hide(server.stderr.text(), self._secrets)  # before anything is cut
            if server.noise and not tap.answered and not stderr.strip():
                words = f"the server prints text where JSON-RPC is due: {server.noise}"
                raise Fault(Outcome.PROTOCOL_ERROR, words, "check whether this is an MCP server") from fault
            told = reasons.explain(fault, stderr, self.launch, networked=networked)
            if server.exit_code and not stderr.strip():
                told = Fault(
                    told.outcome, f"{told.reason} (exit code {server.exit_code}, nothing said)", told.hint
                )
            raise Died(told, stderr) from fault

    def _environment(self, place: Place) -> dict[str, str]:
        """What the server may see, and a note on the dummies among it."""
        own = self._trusted
        base = allowed(os.environ, preparing=own, pass_env=self.options.pass_env)
        if place.bwrap and not self.options.allow_network:
            base = {name: value for name, value in base.items() if not name.upper().endswith("_PROXY")}
        given, invented = declared(self.launch.environment, dummies=self.options.dummy_env, own=own)
        given = {**{name: os.environ[name] for name in self.options.pass_env if name in os.environ}, **given}
        if invented:
            self.notes.append(f"dummy values for {', '.join(invented)}")
        return {**base, **given}


def _outside(step: str) -> str:
    """The next step of a command of a config that failed in the sandbox."""
    return step if step == _NO_PLACE else f"{step}; if you trust the command: --sandbox none"


class _DiedOfSdk2(Exception):
    """The server needs version 1 of the MCP SDK."""


def _empty_home() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="catalog-", ignore_cleanup_errors=True)

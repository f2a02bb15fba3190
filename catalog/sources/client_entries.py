"""One server entry of a client config, as a record.

Values of environment variables and headers are taken as secrets: they stand in the launch, which
is never stored nor shown. Placeholders (`${TOKEN}`, `${env:TOKEN}`, `${input:token}`, `$TOKEN`,
`%TOKEN%`) are never looked up in this user's environment: such a variable has no value. An entry that
starts our gateway stands for the server behind it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from catalog.errors import UnknownTarget
from catalog.records import EnvironmentVariable, Launch, LaunchKind, ServerRecord
from catalog.sources import remote
from catalog.sources.gateway_line import guarded
from catalog.sources.launchers import origin, package_of

SOURCE: Final = "config"
_DEFAULTED: Final = re.compile(r"\$\{(?:env:)?\w+:-([^{}]*)\}")
_PLACEHOLDER: Final = re.compile(r"\$\{[^{}]*\}|^\$[A-Za-z_]\w*$|^%[A-Za-z_]\w*%$")
_KINDS: Final = {"sse": LaunchKind.SSE, "http": LaunchKind.HTTP, "streamable-http": LaunchKind.HTTP}


def _as_words(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _as_texts(value: Any) -> Any:
    """Numbers and truth values are often left without quotes; null means no value."""
    if not isinstance(value, Mapping):
        return value
    return {key: item if item is None else _as_text(item) for key, item in value.items()}


def _as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float) else value


Texts = Annotated[dict[str, str | None], BeforeValidator(_as_texts)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    command: Annotated[list[str], BeforeValidator(_as_words)] = []
    args: list[Annotated[str, BeforeValidator(_as_text)]] | None = None
    env: Texts | None = Field(default=None, validation_alias=AliasChoices("env", "environment"))
    cwd: str | None = None
    url: str | None = Field(default=None, validation_alias=AliasChoices("url", "serverUrl", "httpUrl"))
    kind: str | None = Field(default=None, validation_alias=AliasChoices("type", "transport"))
    headers: Texts | None = Field(default=None, validation_alias=AliasChoices("headers", "http_headers"))
    disabled: bool = False
    enabled: bool = True


def looks_like(entry: object) -> bool:
    """Whether an object is a server entry at all: something to start or to reach."""
    return isinstance(entry, Mapping) and any(
        key in entry for key in ("command", "url", "serverUrl", "httpUrl")
    )


def record(name: str, raw: object, file: str) -> ServerRecord:
    """The record of an entry; without a launch, and with the reason in `unread`, when there is nothing to start."""
    try:
        entry = _itself(_Entry.model_validate(raw))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(step) for step in first["loc"]) or "the entry"
        return _nothing(name, f"{file}: server {name!r}: {where}: {first['msg'].lower()}")
    if entry.disabled or not entry.enabled:
        return _nothing(name, f"{file}: server {name!r} is disabled there")
    try:
        launch = _remote(entry) if entry.url else _local(entry)
    except UnknownTarget as error:
        return _nothing(name, f"{file}: server {name!r}: {error}")
    if launch is None:
        return _nothing(name, f"{file}: server {name!r} has neither a command nor a url")
    return ServerRecord(name=name, source=SOURCE, launch=launch, origin=origin(launch.command))


def _nothing(name: str, why: str) -> ServerRecord:
    return ServerRecord(name=name, source=SOURCE, unread=(why,))


def _itself(entry: _Entry) -> _Entry:
    """The entry as it would be without the gateway."""
    found = guarded((*entry.command, *(entry.args or ())))
    if found is None:
        return entry
    if found.command:
        return entry.model_copy(update={"command": list(found.command), "args": None})
    environment = dict(entry.env or {})
    headers = {name: environment.pop(variable, None) for name, variable in found.headers}
    direct: dict[str, Any] = {
        "command": [],
        "args": None,
        "env": environment,
        "url": found.url,
        "headers": headers,
    }
    return entry.model_copy(update=direct)


def _local(entry: _Entry) -> Launch | None:
    """A package runner's line becomes that package, which is prepared and isolated better than the runner does."""
    command = tuple(_filled(word) for word in (*entry.command, *(entry.args or ())))
    if not entry.command or not command[0].strip():
        return None
    environment = tuple(_variable(name, value) for name, value in (entry.env or {}).items())
    package = package_of(command)
    if package is None or not package.exact:
        return Launch(
            kind=LaunchKind.COMMAND,
            command=command,
            working_directory=entry.cwd,
            environment=environment,
        )
    return Launch(
        kind=package.registry,
        package=package.package,
        version=package.version,
        executable=package.executable,
        arguments=package.arguments,
        working_directory=entry.cwd,
        environment=environment,
    )


def _remote(entry: _Entry) -> Launch:
    url = _filled(entry.url or "")
    remote.server_name(url)  # refuses what is no address
    given = ((name, _known_value(value)) for name, value in (entry.headers or {}).items())
    guess = remote.launch(url, tuple((name, value) for name, value in given if value is not None))
    kind = _KINDS.get((entry.kind or "").lower().replace("streamablehttp", "http"), guess.kind)
    return Launch(kind=kind, url=url, headers=guess.headers)


def _variable(name: str, value: str | None) -> EnvironmentVariable:
    return EnvironmentVariable(name, _known_value(value), required=True, secret=True)


def _known_value(value: str | None) -> str | None:
    """The value itself; None when a placeholder stands in it."""
    filled = None if value is None else _filled(value)
    return None if filled is None or _PLACEHOLDER.search(filled) else filled


def _filled(text: str) -> str:
    """`${NAME:-default}` becomes its default: that is written in the file, not in the environment."""
    return _DEFAULTED.sub(lambda match: match[1], text)

"""Secrets kept out of sight: what a launch gives to a server, and what has the shape of a secret."""

from __future__ import annotations

import re
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote, urlsplit

import re2

from catalog.records import LaunchKind
from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from catalog.records import Launch

REASON_WIDTH: Final = 300  # characters kept of a reason
_HIDDEN: Final = "[hidden]"
_MIN_SECRET: Final = 4  # shorter values would blank out ordinary words
_MIN_POSITIONAL: Final = 6  # likewise for words that no flag stands before: they are often subcommands
# Words of command lines that are nobody's secret, and that messages are full of.
_ORDINARY: Final = frozenset(
    {
        "stdio",
        "http",
        "https",
        "streamable-http",
        "serve",
        "server",
        "start",
        "true",
        "false",
        "none",
        "null",
        "main",
    }
)
_SCHEME: Final = re.compile(r"(?:Bearer|Basic|Token)\s+(\S.*)", re.IGNORECASE | re.DOTALL)
_URL: Final = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
_PIECE: Final = re.compile(r"""[^\s"'`;,&{}\[\]]+""")
_QUOTED: Final = re.compile(r"[\"']([^\"']+)[\"']")
_PAIR: Final = re.compile(r"[\w.-]+\s*[=:]\s*(\S.*)", re.DOTALL)
_MODULE: Final = "-m"
_STARTERS: Final = re.compile(
    r"(?:python[\d.]*|pypy[\d.]*|py|node|deno|bunx?|npx|npm|pnpm|yarn|uvx?|pipx|poetry|pdm|docker|podman|ruby|perl|php"
    r"|java|tsx|ts-node|sh|bash|dash|zsh|fish|pwsh|powershell|cmd)(?:\.exe|\.cmd)?"
)

_SHAPES: Final = (
    (re2.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9+/=._~-]{6,}"), r"\1 " + _HIDDEN),
    (re2.compile(r"://[^/\s:@]+:[^/\s@]+@"), f"://{_HIDDEN}@"),
    (
        re2.compile(
            r"(?i)\b([\w-]*(?:api[_-]?key|token|secret|password|passwd|credential)s?)(\"?\s*[=:]\s*\"?)[^\s\"',;&]{6,}"
        ),
        r"\1\2" + _HIDDEN,
    ),
    (
        re2.compile(
            r"\b(?:sk|pk|rk|ghp|gho|ghs|github_pat|glpat|xox[abp]|AKIA|AIza|hf|npm|pypi)[-_]?[A-Za-z0-9_-]{16,}"
        ),
        _HIDDEN,
    ),
    (re2.compile(r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"), _HIDDEN),
)


def known_secrets(launch: Launch) -> tuple[str, ...]:
    """The values that must not be shown, longest first.

    They are those of headers and variables, of flags and other arguments, and of users and queries in
    URLs; each whole, and the parts of it that a server may repeat alone. What says what is started (the
    program, module, package) and paths that exist are no secrets.
    """
    values = [value for _, value in launch.headers]
    values += [variable.value for variable in launch.environment if variable.value]
    values += _arguments(launch)
    found = {part for value in values for part in _parts(value)} | set(_of_url(launch.url))
    told = found - _started(launch) - _ORDINARY
    return tuple(sorted((value for value in told if len(value) >= _MIN_SECRET), key=len, reverse=True))


def _arguments(launch: Launch) -> Iterator[str]:
    """The arguments that may be secrets: flags' values, what stands after `=`, and other longer words."""
    words = launch.command[1:] if launch.kind is LaunchKind.COMMAND else launch.arguments
    flag = False
    for word in words:
        if word.startswith("-"):
            flag = "=" not in word
            yield word.partition("=")[2] or _glued(word)
            continue
        if (flag or len(word) >= _MIN_POSITIONAL) and not _is_path(word):
            yield word
        flag = False


def _glued(flag: str) -> str:
    """The value in `-pVALUE`, told from a cluster of flags by a digit in it."""
    glued = not flag.startswith("--") and any(character.isdigit() for character in flag)
    return flag[2:] if glued else ""


def _started(launch: Launch) -> set[str]:
    """The words that say what is started: also behind an interpreter or a runner, and its flags."""
    if launch.kind is not LaunchKind.COMMAND:
        return {launch.package, launch.executable or ""}
    program, words = next(iter(launch.command), ""), launch.command[1:]
    if not _STARTERS.fullmatch(PurePath(program).name):
        return {program}
    if _MODULE in words:
        return {program, *words[words.index(_MODULE) + 1 :][:1]}
    return {program, next((word for word in words if not word.startswith("-")), "")}


def _is_path(word: str) -> bool:
    try:
        return Path(word).exists()
    except (OSError, ValueError):
        return False


def _parts(value: str) -> Iterator[str]:
    """A value whole, and what in it may be repeated alone: `Header: VALUE`, `key=VALUE`, a URL's secrets."""
    value = value.strip()
    yield value
    for url in _URL.findall(value):
        yield from _of_url(url)
    for text in (value, *_PIECE.findall(value)):
        if _URL.match(text):
            continue
        if pair := _PAIR.fullmatch(text):
            yield from _worded(pair[1])
    alone = [*_QUOTED.findall(value), *value.splitlines()]  # a key of several lines is told line by line
    yield from (text for text in alone if len(text) >= _MIN_POSITIONAL)
    yield from _worded(value)


def _worded(value: str) -> Iterator[str]:
    """A value without quotes, and without the scheme of an `Authorization` header."""
    value = value.strip().strip("\"'")
    yield value
    if scheme := _SCHEME.fullmatch(value):
        yield scheme[1]


def _of_url(url: str) -> Iterator[str]:
    """User, password, values of the query, and the fragment, as they stand and decoded."""
    try:
        parts = urlsplit(url)
    except ValueError:
        yield url
        return
    user = parts.netloc.rpartition("@")[0]
    raw = [user, *user.split(":", 1), parts.query, parts.fragment]
    raw += [pair.partition("=")[2] or pair for pair in re.split("[&;]", parts.query)]
    for value in raw:
        yield value
        yield unquote(value)
    yield from (value for _, value in parse_qsl(parts.query))


def mask(text: str, secrets: Iterable[str] = ()) -> str:
    """The text without these secrets and without anything that has the shape of one."""
    text = text.encode("utf-8", "backslashreplace").decode()  # the patterns take no lone surrogates
    text = hide(text, secrets)
    for pattern, replacement in _SHAPES:
        text = pattern.sub(replacement, text)
    return text


def hide(text: str, secrets: Iterable[str]) -> str:
    """The text without these secrets."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return text


def shown(text: str, secrets: Iterable[str]) -> str:
    """A reason as it is stored and shown: masked, one line, cut."""
    return one_line(mask(text, secrets), REASON_WIDTH)

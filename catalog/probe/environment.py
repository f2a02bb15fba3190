"""The environment a server or a package manager sees: an allow-list, what the server declares, dummies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from catalog.records import EnvironmentVariable

_PLAIN: Final = frozenset(
    {
        "PATH", "HOME", "LANG", "LANGUAGE", "TZ", "SYSTEMROOT", "PATHEXT", "COMSPEC",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS",
        "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY",
    }
)  # fmt: skip
_PREPARE_PREFIXES: Final = ("UV_", "PIP_", "NPM_CONFIG_")

_NAME: Final = re.compile(r"[A-Za-z_][\w.-]{0,127}", re.ASCII)
_LOADER: Final = ("LD_", "DYLD_", "GLIBC_", "GCONV_")

# The first pattern that occurs in the variable's name gives the dummy.
_DUMMIES: Final = tuple(
    (re.compile(pattern), value)
    for pattern, value in (
        (r"_(URLS?|URI|ENDPOINT|BASE|WEBHOOK)$|^(URL|URI|ENDPOINT)$", "https://example.invalid/"),
        (r"(^|_)(DSN|DATABASE|CONNECTION_STRING)$", "postgresql://dummy:dummy@example.invalid/dummy"),
        (r"(^|_)(HOST|HOSTNAME|DOMAIN|SERVER)$", "example.invalid"),
        (r"(^|_)PORT$", "65000"),
        (r"(^|_)E?MAIL(_ADDRESS)?$", "nobody@example.invalid"),
        (r"(^|_)(PATHS?|DIR|DIRS|DIRECTORY|DIRECTORIES|FOLDER|ROOT)$", "/tmp"),  # noqa: S108 – private in the sandbox
        (r"(^|_)FILE(NAME)?$", "/tmp/dummy"),  # noqa: S108 – private in the sandbox
        (r"(^|_)(TIMEOUT|LIMIT|COUNT|SIZE|MAX|MIN|INTERVAL|RETRIES|SECONDS|MS)$", "1"),
        (r"^(ENABLE|DISABLE|USE|IS|ALLOW)_|(^|_)(DEBUG|ENABLED|DISABLED|VERBOSE)$", "false"),
        (r"(^|_)REGION$", "us-east-1"),
    )
)


def allowed(environ: Mapping[str, str], *, preparing: bool, pass_env: Iterable[str] = ()) -> dict[str, str]:
    """The part of the user's environment that others may see.

    `preparing` adds the package managers' own settings (indexes, certificates, caches), which
    servers never get. Proxy variables count in either case of letters.
    """
    extra = frozenset(pass_env)
    return {
        name: value
        for name, value in environ.items()
        if name.upper() in _PLAIN
        or name.startswith("LC_")
        or name in extra
        or (preparing and name.upper().startswith(_PREPARE_PREFIXES))
    }


def declared(
    variables: Iterable[EnvironmentVariable], *, dummies: bool, own: bool = False
) -> tuple[dict[str, str], tuple[str, ...]]:
    """What a server declares, as variables, and the names of those that got a dummy value.

    Left out are names and values that no system takes, and, unless the launch is the user's `own`
    command, those that the dynamic loader obeys: they would act on the sandbox before on the server.
    """
    values: dict[str, str] = {}
    invented: list[str] = []
    for variable in variables:
        if not _NAME.fullmatch(variable.name) or (not own and variable.name.startswith(_LOADER)):
            continue
        if variable.value is not None:
            values[variable.name] = variable.value.replace("\0", "")
        elif variable.required and dummies:
            values[variable.name] = dummy(variable.name)
            invented.append(variable.name)
    return values, tuple(invented)


def dummy(name: str) -> str:
    """A value of the type that the variable's name promises, which leads nowhere."""
    upper = name.upper()
    for pattern, value in _DUMMIES:
        if pattern.search(upper):
            return value
    return f"dummy-{re.sub('[^a-z0-9]+', '-', name.lower()).strip('-')}"

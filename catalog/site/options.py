"""What the operator decides about a site, and what is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from catalog.errors import UsageError
from catalog.site.language import listed
from catalog.visible import one_line

DEFAULT_TITLE: Final = "MCP tool risk catalogue"
PLACEHOLDERS: Final = ("{server}", "{tool}", "{fingerprint}")  # of a report link
_PLACEHOLDER: Final = re.compile(r"\{[^{}]*\}")
_WEB: Final = ("https://", "http://")


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What the operator decides.

    `base_url`: where the site will be published (canonical links, sitemap). `report_url`: the link of
    "Is this wrong?", with `PLACEHOLDERS` to be filled in. `title`: the site's name. `only`: names of the
    servers to show, empty for all; `limit_servers`: how many of them at most, by name.
    """

    base_url: str | None = None
    report_url: str | None = None
    title: str = DEFAULT_TITLE
    only: tuple[str, ...] = ()
    limit_servers: int | None = None


def checked(options: BuildOptions) -> BuildOptions:
    """The same with a slash at the end of the base address.

    Raises:
        UsageError: an address is not of the web (it ends up in links), or holds what nothing fills in.

    """
    for flag, value, schemes in (
        ("--base-url", options.base_url, _WEB),
        ("--report-url", options.report_url, (*_WEB, "mailto:")),
    ):
        if value is not None and not value.startswith(schemes):
            raise UsageError(
                f"{flag} {value!r} is no address of the web", hint=f"begin it with {' or '.join(schemes)}"
            )
    unknown = [one for one in _PLACEHOLDER.findall(options.report_url or "") if one not in PLACEHOLDERS]
    if unknown:
        raise UsageError(
            f"--report-url holds {one_line(unknown[0], 80)}, which nothing fills in",
            hint=f"use {listed(PLACEHOLDERS, 'or')}",
        )
    base = options.base_url
    return options if base is None or base.endswith("/") else replace(options, base_url=base + "/")

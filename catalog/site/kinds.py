"""What the site consists of. A new page type is a maker in a module of its own, and one entry here.

`SERVER_KINDS` make what stands in `tools/<server>/` or belongs to one server elsewhere, `KINDS` what is
about the whole catalogue, `JOINED` single files with a piece for each server, `LAST` what tells of all of these. Templates need no entry;
a place in the head of each page is given by `catalog.site.pages.SECTIONS`.
"""

from __future__ import annotations

from typing import Final

from catalog.site import (
    attack_cards,
    attack_pages,
    builder,
    disagreements,
    downloads,
    drift_pages,
    lists,
    registry,
    rule_pages,
    server_files,
)
from catalog.site.made import Joined, Kind, ServerKind

SERVER_KINDS: Final = (
    ServerKind("tools", server_files.tool_files, shows_kin=True),
    ServerKind("server", server_files.home_files, shows_kin=True),
    ServerKind("builder", builder.builder_files),
    ServerKind("registry", registry.files),
)

KINDS: Final = (
    Kind("assets", lists.assets),
    Kind("home", lists.home),
    Kind("levels", lists.levels),
    Kind("categories", lists.categories),
    Kind("servers", lists.servers),
    Kind("coverage", lists.coverage),
    Kind("methodology", lists.methodology),
    Kind(attack_cards.KIND, attack_pages.attacks, attack_cards.glean),
    Kind(rule_pages.KIND, rule_pages.rules, rule_pages.glean),
    Kind(disagreements.KIND, disagreements.disagreements, disagreements.glean),
    Kind("builder", builder.builder_page),
    Kind(drift_pages.KIND, drift_pages.pages),
    Kind("downloads", downloads.files),
    Kind("not found", lists.not_found),
    Kind("search", lists.search),
)

JOINED: Final[tuple[Joined, ...]] = (*downloads.JOINED, registry.LIST)

LAST: Final = (Kind("data", downloads.page),)

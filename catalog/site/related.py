"""Tools that belong beside a tool: on its own server, on other servers, and the safest that will do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from catalog.site.facts import VAGUE, riskiest_first
from catalog.site.language import counted, plural, sentence
from catalog.site.rows import index_row_view
from classifier.types import Category

if TYPE_CHECKING:
    from catalog.site.facts import ServerFacts, ToolFacts
    from catalog.site.index import SiteIndex, ToolRow
    from catalog.site.views import RowView

SIBLINGS: Final = 7
# Heads that name no thing: two tools that share one of these need not concern the same.
_NO_OBJECT: Final = VAGUE | {
    "",
    "change",
    "data",
    "item",
    "thing",
    "value",
    "result",
    "object",
    "content",
    "detail",
}
# Families of verbs of which one may stand in for the other.
_RELATED: Final = (
    {"look", "compute"},
    {"create", "store"},
    {"update", "store"},
    {"ease", "remove"},
    {"ease", "delete"},
    {"remove", "delete"},
    {"stop", "cancel"},
    {"run", "drive"},
    {"contact", "publish"},
    {"pay", "transfer"},
)


def siblings(facts: ToolFacts, server: ServerFacts) -> tuple[ToolFacts, ...]:
    """Other tools of the same server: those that concern the same thing first, then the riskiest."""
    chosen = {
        other.slug: other for other in server.by_head.get(facts.head, ())[:SIBLINGS] if other is not facts
    }
    for other in server.tools[: SIBLINGS + 1]:
        if len(chosen) < SIBLINGS and other is not facts:
            chosen.setdefault(other.slug, other)
    return tuple(sorted(chosen.values(), key=riskiest_first))


def safest(facts: ToolFacts, server: ServerFacts) -> ToolFacts | None:
    """The least risky sibling that does a similar thing to the same kind of thing, if it is less risky."""
    if facts.head in _NO_OBJECT:
        return None
    same = [
        other
        for other in server.by_head.get(facts.head, ())
        if other.level.rank < facts.level.rank and _alike(facts, other)
    ]
    return min(
        same,
        key=lambda other: (other.level.rank, other.recommendation.action.value, other.name),
        default=None,
    )


def _alike(one: ToolFacts, other: ToolFacts) -> bool:
    """Whether the acts are the same or related; what only reads never stands in for what does not."""
    if (one.category is Category.READ) is not (other.category is Category.READ):
        return False
    families = {one.act.family, other.act.family}
    return one.act.family == other.act.family != "other" or families in _RELATED


def safest_sentence(facts: ToolFacts, server: ServerFacts) -> str:
    """Names the safest sibling, or says that there is none."""
    other = safest(facts, server)
    if other is None:
        return ""
    concern = f"also concerns {plural(facts.head)} and" if facts.head else ""
    return sentence(
        f"Where it is enough, {other.code} {concern} stands at {other.level.value}, against {facts.level.value} here"
    )


def elsewhere(facts: ToolFacts, index: SiteIndex) -> tuple[tuple[RowView, ...], str]:
    """Tools with the same definition or the same name on other servers, and how many are not shown."""
    kin, left = index.kin(facts.entry.server, facts.slug)
    fingerprint = facts.definition.fingerprint
    more = (
        sentence(
            f"{counted(left, 'further tool')} on other servers {'has' if left == 1 else 'have'} this name"
        )
        if left
        else ""
    )
    return tuple(_kin_view(row, fingerprint) for row in kin), more


def _kin_view(row: ToolRow, fingerprint: str) -> RowView:
    view = index_row_view(row, "../")
    return replace(
        view, gist="identical definition" if row.fingerprint == fingerprint else "same name, other definition"
    )

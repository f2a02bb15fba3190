"""From a server and its tools to what its page shows."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from catalog.public import to_json
from catalog.site import control
from catalog.site.grade import POINTS, STEPS, grade, points
from catalog.site.index import kin_key
from catalog.site.language import code, counted, figure, listed, listed_briefly, number, sentence
from catalog.site.prose_questions import server_questions
from catalog.site.rows import day, footer, origin, segments
from catalog.site.views import FactView, LegView, QuestionView, ScoreView, ServerView
from catalog.site.words import ALL_CATEGORIES, ALL_LEVELS, OUTCOME_WORD, PROVENANCE_WORD
from catalog.visible import one_line
from classifier.types import Category, Level

if TYPE_CHECKING:
    from collections.abc import Callable

    from catalog.records import ServerEntry
    from catalog.site.facts import ServerFacts, ToolFacts
    from catalog.site.index import SiteIndex
    from catalog.site.views import RowView

KIN_SHOWN: Final = 5
_LEG_SHOWN: Final = 4
_CHARACTERS_PER_TOKEN: Final = 4  # the usual rule of thumb for English and JSON
_NAMED: Final = re.compile(r"`([^`]*)`")  # how notes mark names
_PRIVATE: Final = frozenset({"secrets_out", "host_files", "sensitive"})
_BROWSING: Final = frozenset({"navigate", "goto", "browse", "scrape", "crawl"})
_ISOLATION: Final = {"bwrap": "in a sandbox without network", "none": "without a sandbox"}


def server_view(server: ServerFacts, entry: ServerEntry, index: SiteIndex) -> ServerView:
    """Everything on the page of one server."""
    levels = [facts.level for facts in server.tools]
    total = points(levels)
    policy = control.server_policy(server)
    legs = _legs(server)
    return ServerView(
        name=one_line(server.name, 120),
        title=one_line(entry.title or "", 160),
        grade=grade(total),
        grade_sum=figure(total, "point"),
        scores=_scores(levels),
        steps=_steps(),
        summary=_summary(server),
        facts=_facts(server, entry),
        notes=tuple(
            sentence(_NAMED.sub(lambda found: code(found[1]), one_line(note))) for note in entry.notes
        ),
        warning=_warning(entry),
        levels=segments((level.value, levels.count(level)) for level in ALL_LEVELS),
        categories=segments((category.value, _count(server, category)) for category in ALL_CATEGORIES),
        rows=tuple(server.rows.values()),
        policy=policy,
        policy_effect=tuple(control.server_effect(server)),
        export=control.export_command(server.name),
        legs=legs,
        legs_note=_legs_note(legs),
        suspicious=_suspicious(server),
        conflicts=_conflicts(server),
        kin=_kin(server, index),
        questions=_questions(server, grade(total)),
        footer=footer(server.name, len(server.tools), index.known),
    )


def _count(server: ServerFacts, category: Category) -> int:
    return sum(1 for facts in server.tools if facts.category is category)


def _scores(levels: list[Level]) -> tuple[ScoreView, ...]:
    return tuple(
        ScoreView(
            level.value,
            f"{levels.count(level):,}",
            str(POINTS[level]),
            f"{levels.count(level) * POINTS[level]:,}",
        )
        for level in ALL_LEVELS
        if level in levels
    )


def _steps() -> str:
    """The whole formula in one line."""
    return ", ".join(f"{letter} from {least}" for letter, least in reversed(STEPS))


def _summary(server: ServerFacts) -> tuple[str, ...]:
    """What stands out, in one or two sentences."""
    critical = [facts for facts in server.tools if facts.level is Level.CRITICAL]
    reads = _count(server, Category.READ)
    total = len(server.tools)
    first = f"{server.code} offers {counted(total, 'tool')}; {_only_read(reads, total)}"
    if not critical:
        return (sentence(first), "Nothing in it reaches Critical.")
    names = listed_briefly([facts.code for facts in critical])
    return (
        sentence(first),
        sentence(f"{number(len(critical))} {'is' if len(critical) == 1 else 'are'} Critical: {names}"),
    )


def _only_read(reads: int, total: int) -> str:
    if reads == total:
        return "it only reads" if total == 1 else "all of them only read"
    if not reads:
        return "it does more than read" if total == 1 else "none of them only reads"
    return f"{number(reads)} of them only {'reads' if reads == 1 else 'read'}"


def _facts(server: ServerFacts, entry: ServerEntry) -> tuple[FactView, ...]:
    how = PROVENANCE_WORD[entry.provenance] if entry.provenance else "unknown"
    isolation = _ISOLATION.get(entry.isolation, "")
    package = one_line(" ".join(part for part in (entry.package, entry.package_version) if part), 100)
    rows = (
        FactView(origin(entry.package or ""), package),
        FactView("Repository", one_line(entry.repository or "", 120), _web_address(entry.repository)),
        FactView("How it was read", f"{how}, {isolation}" if isolation else how),
        FactView("Protocol", one_line(entry.protocol_version or "", 40)),
        FactView("Tools read on", day(entry.listed_at) if entry.listed_at else ""),
        FactView("Last crawl", f"{day(entry.crawled_at)}: {OUTCOME_WORD[entry.outcome]}"),
        FactView("Weight of its definitions", f"about {_tokens(server):,} tokens"),
    )
    return tuple(row for row in rows if row.value)


def _web_address(repository: str | None) -> str:
    """The repository as a link, only where it plainly is one."""
    if not repository:
        return ""
    web = repository.startswith(("https://", "http://")) and repository.isascii() and repository.isprintable()
    return repository if web and not any(character in repository for character in " \"'<>") else ""


def _tokens(server: ServerFacts) -> int:
    """What the list of tools costs in an agent's context, at four characters a token."""
    return sum(len(to_json(facts.definition.body())) for facts in server.tools) // _CHARACTERS_PER_TOKEN


def _warning(entry: ServerEntry) -> str:
    """Said aloud when what is shown is not the newest crawl, or not everything."""
    if entry.outcome.value != "ok" and entry.listed_at:
        reason = one_line(entry.reason, 200).rstrip(".")
        return sentence(
            f"The last crawl, on {day(entry.crawled_at)}, gave no tools ({OUTCOME_WORD[entry.outcome]}{': ' + reason if reason else ''}). "
            f"What stands here was read on {day(entry.listed_at)}"
        )
    if entry.unread:
        return sentence(
            f"{counted(len(entry.unread), 'definition')} in its source could not be read, and so cannot be judged: see the coverage page"
        )
    return ""


def _legs(server: ServerFacts) -> tuple[LegView, ...]:
    tests: tuple[tuple[str, Callable[[ToolFacts], bool]], ...] = (
        (
            "takes in text from strangers",
            lambda facts: "ssrf" in facts.modifiers or facts.act.verb in _BROWSING,
        ),
        (
            "reads what is private",
            lambda facts: bool(facts.modifiers & _PRIVATE) and facts.category is not Category.DESTRUCTIVE,
        ),
        ("carries something outside", _carries_outside),
    )
    found = [(name, [facts for facts in server.tools if test(facts)]) for name, test in tests]
    return tuple(
        LegView(
            name,
            tuple(server.rows[facts.slug] for facts in tools[:_LEG_SHOWN]),
            f"and {number(len(tools) - _LEG_SHOWN)} more" if len(tools) > _LEG_SHOWN else "",
        )
        for name, tools in found
    )


def _carries_outside(facts: ToolFacts) -> bool:
    reaches = facts.act.family in ("contact", "publish") or bool(
        facts.modifiers & {"public", "comms", "ssrf"}
    )
    return "public" in facts.modifiers or (
        reaches and facts.category in (Category.EXECUTE, Category.FINANCIAL)
    )


def _legs_note(legs: tuple[LegView, ...]) -> str:
    present = [leg.name for leg in legs if leg.tools]
    if len(present) == len(legs):
        return "All three are here: one poisoned text can make an agent collect what is private and send it away, with this server alone."
    if present:
        return sentence(
            f"By itself this server {listed(present)}. The three become dangerous together, also across servers that an agent uses side by side"
        )
    return "Nothing in its definitions states any of the three."


def _suspicious(server: ServerFacts) -> tuple[tuple[RowView, str], ...]:
    """The tools that carry findings, each with the findings' titles."""
    return tuple(
        (
            server.rows[facts.slug],
            sentence("; ".join(dict.fromkeys(finding.title for finding in facts.findings))),
        )
        for facts in server.tools
        if facts.findings
    )


def _conflicts(server: ServerFacts) -> tuple[tuple[RowView, str], ...]:
    return tuple(
        (server.rows[facts.slug], sentence(one_line(facts.label.annotation_conflict)))
        for facts in server.tools
        if facts.label.annotation_conflict
    )


def _kin(server: ServerFacts, index: SiteIndex) -> tuple[FactView, ...]:
    """Servers that share the most tool names with this one."""
    shared: Counter[tuple[str, str]] = Counter()
    for facts in server.tools:
        others = {(row.server.name, row.server.slug) for row in index.alike.get(kin_key(facts.name), ())}
        shared.update(other for other in others if other[0] != server.name)
    best = sorted(shared.items(), key=lambda item: (-item[1], item[0]))[:KIN_SHOWN]
    return tuple(
        FactView(one_line(name, 80), f"{counted(count, 'tool name')} in common", f"../{slug}/index.html")
        for (name, slug), count in best
    )


def _questions(server: ServerFacts, letter: str) -> tuple[QuestionView, ...]:
    return tuple(
        QuestionView(question.asked, question.answer, "") for question in server_questions(server, letter)
    )

"""From a server and its tools to what its page shows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from catalog.public import to_json
from catalog.site import control
from catalog.site.attack_cards import server_attacks
from catalog.site.enforce import enforce_view
from catalog.site.grade import COMBINATIONS, Leg, exposure, steps
from catalog.site.language import code, counted, figure, listed, listed_briefly, number, sentence
from catalog.site.prose_questions import server_questions
from catalog.site.rows import day, footer, origin, segments
from catalog.site.views import FactView, LegView, QuestionView, ScoreView, ServerView
from catalog.site.words import ALL_CATEGORIES, ALL_LEVELS, OUTCOME_WORD, PROVENANCE_WORD
from catalog.visible import one_line
from classifier.types import Category, Level

if TYPE_CHECKING:
    from catalog.records import ServerEntry
    from catalog.site.facts import ServerFacts
    from catalog.site.grade import Exposure
    from catalog.site.index import SiteIndex
    from catalog.site.views import RowView

_LEG_SHOWN: Final = 4
_LEGS: Final = (Leg.UNTRUSTED, Leg.PRIVATE, Leg.OUTSIDE, Leg.COMMANDS)
_PART_WORD: Final = {"worst": "Worst tool", "breadth": "Breadth", "combination": "Combination"}
_CHARACTERS_PER_TOKEN: Final = 4  # the usual rule of thumb for English and JSON
_NAMED: Final = re.compile(r"`([^`]*)`")  # how notes mark names
_ISOLATION: Final = {"bwrap": "in a sandbox without network", "none": "without a sandbox"}


def server_view(server: ServerFacts, entry: ServerEntry, index: SiteIndex) -> ServerView:
    """Everything on the page of one server."""
    levels = [facts.level for facts in server.tools]
    found = exposure((facts.slug, facts.label) for facts in server.tools)
    legs = _legs(server, found)
    return ServerView(
        name=one_line(server.name, 120),
        title=one_line(entry.title or "", 160),
        grade=found.grade,
        grade_sum=figure(found.points, "point"),
        scores=_scores(server, found),
        steps=steps(),
        summary=_summary(server),
        facts=_facts(server, entry),
        notes=tuple(
            sentence(_NAMED.sub(lambda found: code(found[1]), one_line(note))) for note in entry.notes
        ),
        warning=_warning(entry),
        levels=segments((level.value, levels.count(level)) for level in ALL_LEVELS),
        categories=segments((category.value, _count(server, category)) for category in ALL_CATEGORIES),
        rows=tuple(server.rows.values()),
        policies=control.server_policies(server),
        policy_effect=tuple(control.server_effect(server)),
        enforce=enforce_view(entry),
        builder=f"../../builder.html#server={server.folder}",
        weight=_weight(server),
        legs=legs,
        legs_notes=_legs_notes(legs, found),
        attacks=server_attacks(server),
        suspicious=_suspicious(server),
        conflicts=_conflicts(server),
        kin=_kin(server, index),
        questions=_questions(server, entry, found.grade),
        footer=footer(server.name, len(server.tools), index.known),
    )


def _count(server: ServerFacts, category: Category) -> int:
    return sum(1 for facts in server.tools if facts.category is category)


def _scores(server: ServerFacts, found: Exposure) -> tuple[ScoreView, ...]:
    """Each line of the sum with the first of its tools."""
    return tuple(
        ScoreView(_PART_WORD[line.part], line.words, *_first_tools(server, line.tools), f"{line.points:,}")
        for line in found.lines
    )


def _first_tools(server: ServerFacts, slugs: tuple[str, ...]) -> tuple[tuple[RowView, ...], str]:
    """The rows of the first tools, and how many more there are."""
    left = len(slugs) - _LEG_SHOWN
    shown = tuple(server.rows[slug] for slug in slugs[:_LEG_SHOWN])
    return shown, f"and {number(left)} more" if left > 0 else ""


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
        FactView("Repository", one_line(entry.repository or "", 120), web_address(entry.repository)),
        FactView("How it was read", f"{how}, {isolation}" if isolation else how),
        FactView("Protocol", one_line(entry.protocol_version or "", 40)),
        FactView("Tools read on", day(entry.listed_at) if entry.listed_at else ""),
        FactView("Last crawl", f"{day(entry.crawled_at)}: {OUTCOME_WORD[entry.outcome]}"),
        FactView("Its list costs", f"about {figure(sum(_tokens(server).values()), 'token')}", "#weight"),
    )
    return tuple(row for row in rows if row.value)


def web_address(repository: str | None) -> str:
    """The repository as a link, only where it plainly is one."""
    if not repository:
        return ""
    web = repository.startswith(("https://", "http://")) and repository.isascii() and repository.isprintable()
    return repository if web and not any(character in repository for character in " \"'<>") else ""


def _tokens(server: ServerFacts) -> dict[str, int]:
    """What each tool of the list costs in an agent's context, at four characters a token, by slug."""
    return {
        facts.slug: -(-len(to_json(facts.definition.body())) // _CHARACTERS_PER_TOKEN)
        for facts in server.tools
    }


def _weight(server: ServerFacts) -> tuple[str, ...]:
    """The cost of the list in sentences, and how it is estimated."""
    tokens = _tokens(server)
    total = sum(tokens.values())
    heaviest = max(server.tools, key=lambda facts: (tokens[facts.slug], facts.name))
    what = "the definition" if len(tokens) == 1 else f"the {number(len(tokens))} definitions"
    first = f"{what} {'takes' if len(tokens) == 1 else 'take'} about {figure(total, 'token')} of an agent's context before the first call"
    share = (
        f"{heaviest.code} alone is {figure(tokens[heaviest.slug], 'token')} of that"
        if len(tokens) > 1
        else ""
    )
    how = "counted as the list is sent, in JSON, at four characters a token; a model's own count differs"
    if any(facts.definition.description is None for facts in server.tools):
        how += ", and descriptions that we could not read are not in it"
    return tuple(sentence(text) for text in (first, share, how) if text)


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


def _legs(server: ServerFacts, found: Exposure) -> tuple[LegView, ...]:
    return tuple(LegView(leg.value, *_first_tools(server, found.legs[leg])) for leg in _LEGS)


def _legs_notes(legs: tuple[LegView, ...], found: Exposure) -> tuple[str, ...]:
    """What the tools make possible together, or what is missing for it."""
    have = {leg for leg in Leg if found.legs[leg]}
    possible = [one for one in COMBINATIONS if have.issuperset(one.legs)]
    # A combination that lies within another says nothing more.
    widest = [one for one in possible if not any(set(one.legs) < set(other.legs) for other in possible)]
    if widest:
        return tuple(sentence(f"With this server alone, {one.words}") for one in widest)
    present = [leg.name for leg in legs if leg.tools]
    if not present:
        return (
            sentence(f"None of its definitions states that it {listed([leg.name for leg in legs], 'or')}"),
        )
    return (
        sentence(f"By itself this server {listed(present)}"),
        "That becomes dangerous together with the others, also across servers that an agent uses side by side.",
    )


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
    return tuple(
        FactView(
            one_line(row.name, 80), f"{counted(count, 'tool name')} in common", f"../{row.slug}/index.html"
        )
        for row, count in index.kin_servers(server.name)
    )


def _questions(server: ServerFacts, entry: ServerEntry, letter: str) -> tuple[QuestionView, ...]:
    asked = server_questions(server, entry, letter)
    return tuple(QuestionView(question.asked, question.answer, "") for question in asked)

"""From the facts of a tool to what its page shows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from inspect import cleandoc
from typing import TYPE_CHECKING, Final
from urllib.parse import quote as url_quote

from catalog.site import control, related
from catalog.site.language import code, counted, number, plain, sentence, unrepeated, without_colon
from catalog.site.parameters import SHOWN
from catalog.site.prose_act import what_it_does
from catalog.site.prose_questions import tool_questions
from catalog.site.prose_why import confidence_words, how_sure, why_a_policy
from catalog.site.rows import day, footer
from catalog.site.views import ClaimView, FindingView, QuestionView, QuoteView, SignalView, ToolView
from catalog.site.words import ACTION_WORD, BASIS_WORD, CATEGORY_GIST, DIRECTION_WORD, HINTS, MODIFIERS
from catalog.visible import one_line, visible
from classifier.types import Basis, Provenance

if TYPE_CHECKING:
    from catalog.records import ServerEntry
    from catalog.site.facts import ServerFacts, ToolFacts
    from catalog.site.index import SiteIndex
    from classifier.types import Evidence, ToolDefinition

DESCRIPTION_SHOWN: Final = 2_400  # characters; the JSON twin has the whole text
EVIDENCE_SHOWN: Final = 6
FINDINGS_SHOWN: Final = 8  # the JSON twin has all
PLACEHOLDERS: Final = ("{server}", "{tool}", "{fingerprint}")  # of a report link
_EXCERPT: Final = 220
_PLACES: Final = {"inputSchema": "parameter", "outputSchema": "answer field", "annotations": "annotation"}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a tool page needs beside the tool: its server, the index, and the operator's settings."""

    server: ServerFacts
    entry: ServerEntry
    index: SiteIndex
    report_url: str | None


def tool_view(facts: ToolFacts, around: Surroundings) -> ToolView:
    """Everything on the page of one tool. No sentence stands on it twice."""
    definition, label = facts.definition, facts.label
    seen: set[str] = set()
    description, note = _description(definition)
    policy = control.tool_policy(facts)
    siblings = related.siblings(facts, around.server)
    elsewhere, elsewhere_more = related.elsewhere(facts, around.index)
    return ToolView(
        name=one_line(facts.name, 120),
        title=_title(definition),
        server=one_line(around.server.name, 120),
        level=facts.level.value,
        category=facts.category.value,
        gist=CATEGORY_GIST[facts.category],
        confidence="corrected by a person" if facts.entry.override else confidence_words(label.confidence),
        doubtful=label.needs_review,
        correction=_correction(facts),
        basis=BASIS_WORD[label.basis],
        action=ACTION_WORD[facts.recommendation.action],
        first_seen=day(facts.entry.first_seen),
        first_seen_iso=facts.entry.first_seen.date().isoformat(),
        last_seen=day(facts.entry.last_seen),
        last_seen_iso=facts.entry.last_seen.date().isoformat(),
        fingerprint=definition.fingerprint,
        location=one_line(definition.location or "", 160),
        description=description,
        description_note=note,
        does=" ".join(unrepeated(what_it_does(facts, around.server.code), seen)),
        parameters=facts.parameters[:SHOWN],
        parameters_more=_more_parameters(facts),
        why=" ".join(unrepeated(why_a_policy(facts, around.server), seen)),
        sure=" ".join(unrepeated(how_sure(facts), seen)),
        quotes=tuple(_quote(evidence) for evidence in label.evidence[:EVIDENCE_SHOWN]),
        quotes_note="There was nothing but the name to quote." if label.basis is Basis.NAME else "",
        findings=_findings(facts),
        signals=_signals(facts),
        claims=_claims(definition),
        claims_note=_claims_note(facts),
        policy=policy,
        policy_effect=" ".join(unrepeated(control.effect(facts), seen)),
        export=control.export_command(around.server.name),
        siblings=tuple(around.server.rows[sibling.slug] for sibling in siblings),
        siblings_more=_more_siblings(around.server, len(siblings)),
        safest=related.safest_sentence(facts, around.server),
        elsewhere=elsewhere,
        elsewhere_more=elsewhere_more,
        questions=_questions(facts, around),
        history=_history(facts),
        report=_report(facts, around),
        footer=footer(around.server.name, len(around.server.tools), around.index.known),
    )


def _correction(facts: ToolFacts) -> str:
    """Who corrected the label, when and why, and what the classifier said; "" where nobody did."""
    override = facts.entry.override
    if override is None:
        return ""
    until = f" It applies until {override.expires}." if override.expires else ""
    return f"{sentence(one_line(facts.label.reason))}{until}"


def _title(definition: ToolDefinition) -> str:
    title = one_line(definition.title or "", 160)
    return "" if title == one_line(definition.name, 160) else title


def _description(definition: ToolDefinition) -> tuple[str, str]:
    """The text to quote, and a note: why there is none, or that it goes on."""
    if definition.description_unread:
        return (
            "",
            "Its source holds a description that we could not resolve. That is not the same as having none.",
        )
    if definition.description is None:
        if definition.provenance is Provenance.BUNDLED:
            return (
                "",
                "The bundled index keeps names, parameters and annotations only; the server's own description was not read.",
            )
        return "", "No description is published for this tool."
    text = visible(cleandoc(definition.description), keep_newlines=True).strip()
    if not text:
        return "", "The server sends a description, and it is empty."
    if len(text) <= DESCRIPTION_SHOWN:
        return text, ""
    return (
        text[:DESCRIPTION_SHOWN].rstrip() + " …",
        f"Shortened from {len(text):,} characters; the JSON file beside this page has all of it.",
    )


def _more_parameters(facts: ToolFacts) -> str:
    left = len(facts.parameters) - SHOWN
    return (
        f"{counted(left, 'further parameter').capitalize()} can be found in the JSON file beside this page."
        if left > 0
        else ""
    )


def _quote(evidence: Evidence) -> QuoteView:
    source = "weighed most by the model" if evidence.rule == "model" else f"rule {code(evidence.rule)}"
    return QuoteView(one_line(evidence.excerpt, _EXCERPT), field_words(evidence.field), source)


def field_words(field: str) -> str:
    """`inputSchema/properties/force` in words: the parameter `force`."""
    root, *steps = field.split("/")
    if not steps:
        return field if root in ("name", "title", "description") else root
    named = [step for step in steps if step not in ("properties", "items", "description")] or steps
    return f"{_PLACES.get(root, root)} {code('.'.join(named).replace('~1', '/').replace('~0', '~'))}"


def _signals(facts: ToolFacts) -> tuple[SignalView, ...]:
    rows = []
    for modifier in facts.label.modifiers:
        word, why = MODIFIERS.get(modifier.name, (modifier.name.replace("_", " "), ""))
        direction = DIRECTION_WORD[modifier.direction]
        excerpt = one_line(modifier.evidence.excerpt, 120)
        rows.append(SignalView(word, direction, why, excerpt, field_words(modifier.evidence.field)))
    return tuple(rows)


def _findings(facts: ToolFacts) -> tuple[FindingView, ...]:
    return tuple(
        FindingView(
            finding.title,
            one_line(finding.evidence.excerpt, _EXCERPT),
            field_words(finding.evidence.field),
            finding.why,
        )
        for finding in facts.findings[:FINDINGS_SHOWN]
    )


def _claims(definition: ToolDefinition) -> tuple[ClaimView, ...]:
    annotations = definition.annotations or {}
    return tuple(
        ClaimView(hint, words[0] if annotations[hint] else words[1])
        for hint, words in HINTS.items()
        if isinstance(annotations.get(hint), bool)
    )


def _claims_note(facts: ToolFacts) -> str:
    if facts.label.annotation_conflict:
        return sentence(
            f"They contradict what we found: {without_colon(one_line(facts.label.annotation_conflict))}"
        )
    if not _claims(facts.definition):
        return "The server makes no claim of its own about this tool, so there is nothing to check."
    return "They fit what we found."


def _more_siblings(server: ServerFacts, shown: int) -> str:
    total = len(server.tools)
    return (
        f"All {number(total)} tools of {server.code}" if total - 1 > shown else f"The page of {server.code}"
    )


def _questions(facts: ToolFacts, around: Surroundings) -> tuple[QuestionView, ...]:
    asked = tool_questions(facts, around.server, around.entry)
    return tuple(
        QuestionView(
            question.asked, question.answer, json.dumps(question.policy, indent=2) if question.policy else ""
        )
        for question in asked
    )


def _history(facts: ToolFacts) -> tuple[str, ...]:
    first, last = day(facts.entry.first_seen), day(facts.entry.last_seen)
    if first == last:
        return (f"This definition was seen for the first time on {first}.",)
    return (f"This definition has been the same from {first}, when it was first seen, to {last}.",)


def _report(facts: ToolFacts, around: Surroundings) -> str:
    """The operator's link with this tool filled in, or "" when there is no such link."""
    if not around.report_url:
        return ""
    values = (around.server.name, facts.name, facts.definition.fingerprint)
    link = around.report_url
    for placeholder, value in zip(PLACEHOLDERS, values, strict=True):
        link = link.replace(placeholder, url_quote(value, safe="", errors="replace"))
    return link


def summary(view: ToolView) -> str:
    """One line about the page, for search engines and link previews."""
    return plain(f"{view.name} on {view.server} is {view.category}, {view.level} risk: it {view.gist}.")

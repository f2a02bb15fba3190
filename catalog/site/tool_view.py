"""From the facts of a tool to what its page shows."""

from __future__ import annotations

from dataclasses import fields
from inspect import cleandoc
from typing import TYPE_CHECKING, Final
from urllib.parse import quote as url_quote

from catalog.policy.document import pretty
from catalog.site import control, related
from catalog.site.attack_cards import cards
from catalog.site.drift import history_weight, tool_history
from catalog.site.enforce import enforce_view
from catalog.site.language import code, counted, number, plain, sentence, unrepeated, without_colon
from catalog.site.options import PLACEHOLDERS
from catalog.site.parameters import SHOWN
from catalog.site.prose_act import what_it_does
from catalog.site.prose_questions import tool_questions
from catalog.site.prose_why import confidence_words, how_sure, why_a_policy
from catalog.site.rows import day, footer
from catalog.site.rule_pages import rule_address
from catalog.site.views import ClaimView, FindingView, QuestionView, QuoteView, SignalView, ToolView
from catalog.site.weight import cut, fitting, weight
from catalog.site.words import ACTION_WORD, BASIS_WORD, CATEGORY_GIST, DIRECTION_WORD, HINTS, MODIFIERS
from catalog.visible import one_line, visible
from classifier.types import Basis, Provenance

if TYPE_CHECKING:
    from catalog.site.facts import ServerFacts, ToolFacts
    from catalog.site.made import Surroundings
    from catalog.site.parameters import Parameter
    from classifier.types import Evidence, ToolDefinition

# What a page holds of texts that have no end; the JSON twin has them whole.
DESCRIPTION_SHOWN: Final = 1_800  # bytes
_PARAMETERS_SHOWN: Final = (1_200, 5_000)  # bytes: at least, and what is left of the room of all of these
_ROOM: Final = 6_200  # bytes
_SIGNALS_SHOWN: Final = 1_800  # bytes
_FINDINGS_SHOWN: Final = 1_800  # bytes
_ROW: Final = 110  # bytes of markup about a row
EVIDENCE_SHOWN: Final = 4
_EXCERPT: Final = 180
_PLACES: Final = {"inputSchema": "parameter", "outputSchema": "answer field", "annotations": "annotation"}


def tool_view(facts: ToolFacts, around: Surroundings) -> ToolView:
    """Everything on the page of one tool. No sentence stands on it twice."""
    definition, label = facts.definition, facts.label
    seen: set[str] = set()
    description, note = _description(definition)
    siblings = related.siblings(facts, around.server)
    policies, quotes = control.tool_policies(facts), tuple(map(_quote, label.evidence[:EVIDENCE_SHOWN]))
    findings, signals, history = _findings(facts), _signals(facts), tool_history(facts, around)
    texts = [description, *(text for one in policies for text in (one.text, one.download))]
    left = _ROOM - weight("".join(texts)) - _taken(*quotes, *findings, *signals) - history_weight(history)
    parameters = _parameters(facts, left)
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
        parameters=parameters,
        parameters_more=_more(len(facts.parameters) - len(parameters), "parameter"),
        why=" ".join(unrepeated(why_a_policy(facts, around.server), seen)),
        sure=" ".join(unrepeated(how_sure(facts), seen)),
        quotes=quotes,
        quotes_note="There was nothing but the name to quote." if label.basis is Basis.NAME else "",
        findings=findings,
        findings_more=_more(len(facts.findings) - len(findings), "finding"),
        signals=signals,
        signals_more=_more(len(label.modifiers) - len(signals), "signal"),
        claims=_claims(definition),
        claims_note=_claims_note(facts),
        attacks=cards(facts),
        policies=policies,
        policy_effect=" ".join(unrepeated(control.effect(facts), seen)),
        enforce=enforce_view(around.entry),
        builder=f"../../builder.html#server={around.server.folder}&tool={facts.slug}",
        siblings=tuple(around.server.rows[sibling.slug] for sibling in siblings),
        siblings_more=_more_siblings(around.server, len(siblings)),
        safest=related.safest_sentence(facts, around.server),
        elsewhere=elsewhere,
        elsewhere_more=elsewhere_more,
        questions=_questions(facts, around),
        history=history,
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
    shown = cut(text, DESCRIPTION_SHOWN)
    if shown == text:
        return text, ""
    return (
        shown,
        f"Shortened from {len(text):,} characters; the JSON file beside this page has all of it.",
    )


def _parameters(facts: ToolFacts, room: int) -> tuple[Parameter, ...]:
    least, most = _PARAMETERS_SHOWN
    return fitting(facts.parameters[:SHOWN], min(max(room, least), most), _row)


def _row(row: Parameter | SignalView | FindingView | QuoteView) -> int:
    """Bytes of a row, with its markup."""
    texts = (getattr(row, field.name) for field in fields(row))
    return _ROW + weight("".join(text for text in texts if isinstance(text, str)))


def _taken(*rows: SignalView | FindingView | QuoteView) -> int:
    return sum(map(_row, rows))


def _more(left: int, noun: str) -> str:
    if left <= 0:
        return ""
    return sentence(f"{counted(left, f'further {noun}')} can be found in the JSON file beside this page")


def _quote(evidence: Evidence) -> QuoteView:
    source = "weighed most by the model" if evidence.rule == "model" else f"rule {code(evidence.rule)}"
    where = rule_address(evidence.rule, "../../")
    return QuoteView(one_line(evidence.excerpt, _EXCERPT), field_words(evidence.field), source, where)


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
        where = rule_address(modifier.evidence.rule, "../../")
        rows.append(SignalView(word, direction, why, excerpt, field_words(modifier.evidence.field), where))
    return fitting(rows, _SIGNALS_SHOWN, _row)


def _findings(facts: ToolFacts) -> tuple[FindingView, ...]:
    """Kind by kind; title and reason stand with the first finding of a kind."""
    kinds = list(dict.fromkeys(finding.title for finding in facts.findings))
    told: set[str] = set()
    rows = [
        FindingView(
            "".join(unrepeated((finding.title,), told)),
            one_line(finding.evidence.excerpt, _EXCERPT),
            field_words(finding.evidence.field),
            "".join(unrepeated((finding.why,), told)),
        )
        for finding in sorted(facts.findings, key=lambda finding: kinds.index(finding.title))
    ]
    return fitting(rows, _FINDINGS_SHOWN, _row)


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
        QuestionView(question.asked, question.answer, pretty(question.policy) if question.policy else "")
        for question in asked
    )


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

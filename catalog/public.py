"""The public JSON of a classified tool: the one shape that every command, page and file shows."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from catalog.policy.document import document
from catalog.policy.recommend import Profile, recommend
from classifier.findings import findings
from classifier.types import CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from catalog.db.changes import Change, Stated
    from catalog.records import ServerEntry, ToolEntry
    from classifier.findings import Finding
    from classifier.types import Classification, Recommendation, ToolDefinition

CONFIDENCE_DIGITS: Final = 4  # more would claim a precision that calibration does not have
CHANGE_TEXT: Final = 4_000  # characters of a text before and after
CHANGE_PARTS: Final = 200  # differences of one change
_UNSEEN: Final = re.compile("[^\\x20-\\x7e\\n]")


def tool_row(
    definition: ToolDefinition,
    classification: Classification,
    *,
    row_id: object = None,
    profile: Profile = Profile.RECOMMENDED,
) -> dict[str, Any]:
    """One tool as `catalog classify --format jsonl` prints it; `id` is what the input gave, or null.

    Shape: `{id, server, name, category, risk, effects, modifiers, confidence, basis,
    evidence: [{field, excerpt, rule}], needs_review, recommendation: {action, limits, reason}}`.
    """
    return {
        "id": row_id,
        "server": definition.server,
        "name": definition.name,
        "category": classification.category.value,
        "risk": classification.risk.value,
        "effects": [effect.value for effect in classification.effects],
        "modifiers": [modifier.name for modifier in classification.modifiers],
        "confidence": round(classification.confidence, CONFIDENCE_DIGITS),
        "basis": classification.basis.value,
        "evidence": [
            {"field": evidence.field, "excerpt": evidence.excerpt, "rule": evidence.rule}
            for evidence in classification.evidence
        ],
        "needs_review": classification.needs_review,
        "recommendation": recommendation_json(recommend(classification, definition.name, profile)),
    }


def recommendation_json(recommendation: Recommendation) -> dict[str, Any]:
    """`{action, limits: [{counter, window, max}], reason}`, limits in the words of the policy grammar."""
    return {
        "action": recommendation.action.value,
        "limits": [
            {"counter": limit.counter, "window": limit.window, "max": limit.max_calls}
            for limit in recommendation.limits
        ],
        "reason": recommendation.reason,
    }


def tool_json(
    tool: ToolEntry, suspicious: Iterable[Finding] | None = None, row: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """All that is known about one tool: `tool_row` and the rest of the record.

    Adds `definition` (the protocol's own spelling), `fingerprint`, how the label came about, when
    the tool was seen, and `policy`, the version-1 document for this tool alone. `override` is the
    correction by a person that the label follows, with what the classifier said, or null. `findings`
    are the suspicious texts in the definition, which have no part in the label; `suspicious` gives them, and
    `row` the tool's `tool_row`, to save finding them out again.
    """
    definition, found = tool.definition, tool.classification
    return {
        **(row or tool_row(definition, found)),
        "title": definition.title,
        "fingerprint": definition.fingerprint,
        "provenance": definition.provenance.value,
        "location": definition.location,
        "description_unread": definition.description_unread,
        "override": _override_json(tool),
        "decided_by": found.decided_by.value,
        "reason": found.reason,
        "annotation_conflict": found.annotation_conflict,
        "review_reasons": list(found.review_reasons),
        "rule_hits": [{"rule": hit.rule, "argues_for": hit.argues_for} for hit in found.rule_hits],
        "model": _model_json(found),
        "rules_version": found.rules_version,
        "first_seen": tool.first_seen.isoformat(),
        "last_seen": tool.last_seen.isoformat(),
        "findings": _findings_json(findings(definition) if suspicious is None else suspicious),
        "definition": definition.body(),
        "policy": document([(definition, found)]).as_json(),
    }


def _override_json(tool: ToolEntry) -> dict[str, Any] | None:
    """`{author, date, expires, reason, any_server, classifier: {category, risk, confidence, …}}`."""
    override, own = tool.override, tool.overruled
    if override is None or own is None:
        return None
    return {
        "author": override.author,
        "date": override.date.isoformat(),
        "expires": override.expires.isoformat() if override.expires else None,
        "reason": override.reason,
        "any_server": override.any_server,
        "classifier": {
            "category": own.category.value,
            "risk": own.risk.value,
            "confidence": round(own.confidence, CONFIDENCE_DIGITS),
            "decided_by": own.decided_by.value,
            "reason": own.reason,
            "review_reasons": list(own.review_reasons),
        },
    }


def _findings_json(found: Iterable[Finding]) -> list[dict[str, str]]:
    """`[{id, title, field, excerpt, why}]`: suspicious text, which is no part of category or level."""
    return [
        {
            "id": finding.id,
            "title": finding.title,
            "field": finding.evidence.field,
            "excerpt": finding.evidence.excerpt,
            "why": finding.why,
        }
        for finding in found
    ]


def _model_json(found: Classification) -> dict[str, Any] | None:
    if found.verdict is None:
        return None
    digits = (round(probability, CONFIDENCE_DIGITS) for probability in found.verdict.probabilities)
    return {"version": found.verdict.version, "probabilities": dict(zip(CATEGORIES, digits, strict=True))}


def change_json(change: Change) -> dict[str, Any]:
    """One change as `catalog changes --format jsonl` and the site's files tell it.

    Shape: `{id, kind, server, tool, tools, crawl, at, before, after, read_differently, differences: [{part,
    name, aspect, before, after}], suspicious, left_out}`; `before` and `after` are `{fingerprint, provenance, category,
    risk, confidence}` or null. Texts are cut at `CHANGE_TEXT` characters, differences at `CHANGE_PARTS`.
    """
    found = change.differences
    return {
        "id": change.id,
        "kind": change.kind.value,
        "server": change.server,
        "tool": change.tool,
        "tools": change.tools,
        "crawl": change.crawl,
        "at": change.at.isoformat(),
        "before": _stated_json(change.before),
        "after": _stated_json(change.after),
        "read_differently": change.read_differently,
        "differences": [
            {
                "part": one.part.value,
                "name": one.name,
                "aspect": one.aspect,
                "before": _cut(one.before),
                "after": _cut(one.after),
            }
            for one in found[:CHANGE_PARTS]
        ],
        "suspicious": _findings_json(change.suspicious),
        "left_out": max(0, len(found) - CHANGE_PARTS),
    }


def _stated_json(stated: Stated | None) -> dict[str, Any] | None:
    if stated is None:
        return None
    label = stated.classification
    return {
        "fingerprint": stated.definition.fingerprint,
        "provenance": stated.definition.provenance.value,
        "category": label.category.value if label else None,
        "risk": label.risk.value if label else None,
        "confidence": round(label.confidence, CONFIDENCE_DIGITS) if label else None,
    }


def _cut(text: str | None) -> str | None:
    return text if text is None or len(text) <= CHANGE_TEXT else text[:CHANGE_TEXT] + "…"


def server_json(server: ServerEntry, rows: Sequence[Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """A server with how its last crawl went, its tools as `tool_row`s (`rows`, where they are known), and its policy."""
    pairs = [(tool.definition, tool.classification) for tool in server.tools]
    return {
        "name": server.name,
        "title": server.title,
        "repository": server.repository,
        "package": server.package,
        "package_version": server.package_version,
        "protocol_version": server.protocol_version,
        "source": server.source,
        "provenance": server.provenance.value if server.provenance else None,
        "outcome": server.outcome.value,
        "reason": server.reason,
        "next_step": server.next_step,
        "notes": list(server.notes),
        "unread": list(server.unread),
        "isolation": server.isolation,
        "crawled_at": server.crawled_at.isoformat(),
        "listed_at": server.listed_at.isoformat() if server.listed_at else None,
        "levels": dict(server.counts_by_level),
        "tools": [tool_row(definition, found) for definition, found in pairs] if rows is None else rows,
        "policy": document(pairs).as_json(),
    }


def to_json(value: object, *, indent: int | None = None) -> str:
    r"""JSON that is safe to print and to store as UTF-8.

    Readable characters stand as they are; control characters, bidi overrides, lone surrogates and
    everything else that cannot be seen are `\uXXXX` escapes.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    if text.isascii() and "\x7f" not in text:
        return text
    return _UNSEEN.sub(lambda match: match[0] if match[0].isprintable() else json.dumps(match[0])[1:-1], text)

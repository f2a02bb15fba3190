"""`Classification` to JSON and back, exactly: `decode(fingerprint, encode(c)) == c`.

The fingerprint is left out: it is the key of the definition the classification belongs to.
"""

from __future__ import annotations

from typing import Any

from classifier.types import (
    Basis,
    Category,
    Classification,
    DecidedBy,
    Evidence,
    Level,
    ModelVerdict,
    Modifier,
    RuleHit,
)

Json = dict[str, Any]


def encode(classification: Classification) -> Json:
    """A JSON object with the fields of the classification, enumerations as their values."""
    verdict = classification.verdict
    return {
        "category": classification.category.value,
        "risk": classification.risk.value,
        "effects": [effect.value for effect in classification.effects],
        "modifiers": [
            {"name": item.name, "direction": item.direction, "evidence": _encode_evidence(item.evidence)}
            for item in classification.modifiers
        ],
        "confidence": classification.confidence,
        "evidence": [_encode_evidence(item) for item in classification.evidence],
        "basis": classification.basis.value,
        "rule_hits": [
            {"rule": hit.rule, "argues_for": hit.argues_for, "evidence": _encode_evidence(hit.evidence)}
            for hit in classification.rule_hits
        ],
        "verdict": verdict and {"version": verdict.version, "probabilities": list(verdict.probabilities)},
        "decided_by": classification.decided_by.value,
        "reason": classification.reason,
        "annotation_conflict": classification.annotation_conflict,
        "review_reasons": list(classification.review_reasons),
        "rules_version": classification.rules_version,
    }


def decode(fingerprint: str, body: Json) -> Classification:
    """The classification again; `body` is what `encode` gave."""
    verdict = body["verdict"]
    return Classification(
        fingerprint=fingerprint,
        category=Category(body["category"]),
        risk=Level(body["risk"]),
        effects=tuple(Category(effect) for effect in body["effects"]),
        modifiers=tuple(
            Modifier(item["name"], item["direction"], Evidence(**item["evidence"]))
            for item in body["modifiers"]
        ),
        confidence=body["confidence"],
        evidence=tuple(Evidence(**item) for item in body["evidence"]),
        basis=Basis(body["basis"]),
        rule_hits=tuple(
            RuleHit(hit["rule"], hit["argues_for"], Evidence(**hit["evidence"])) for hit in body["rule_hits"]
        ),
        verdict=verdict and ModelVerdict(verdict["version"], tuple(verdict["probabilities"])),
        decided_by=DecidedBy(body["decided_by"]),
        reason=body["reason"],
        annotation_conflict=body["annotation_conflict"],
        review_reasons=tuple(body["review_reasons"]),
        rules_version=body["rules_version"],
    )


def _encode_evidence(evidence: Evidence) -> Json:
    return {"field": evidence.field, "excerpt": evidence.excerpt, "rule": evidence.rule}

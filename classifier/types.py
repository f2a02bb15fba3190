"""The three values that flow through the catalogue, and the words they are made of.

`ToolDefinition` → `Classification` → `Recommendation`. All are frozen and slotted; sequences are
tuples. Meanings of categories, levels and modifiers: the labelling codebook (docs/codebook.md).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


class Category(StrEnum):
    """What one ordinary call does; exactly one per tool (codebook, "Category")."""

    READ = "Read"
    WRITE = "Write"
    EXECUTE = "Execute"
    DESTRUCTIVE = "Destructive"
    FINANCIAL = "Financial"
    UNKNOWN = "Unknown"


class Level(StrEnum):
    """How bad one ordinary call can be (codebook, "Risk")."""

    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"
    CRITICAL = "Critical"
    UNKNOWN = "Unknown"

    @property
    def rank(self) -> int:
        """0 for Low to 3 for Critical; 4 for Unknown, which sorts as the worst."""
        return _LEVEL_RANK[self]


class Action(StrEnum):
    """What a policy should do with a tool, from lax to strict."""

    ALLOW = "allow"
    LIMIT = "limit"
    APPROVE = "approve"
    HIDE = "hide"
    DENY = "deny"


class Basis(StrEnum):
    """How much of the definition there was to go by."""

    TEXT = "text"
    SCHEMA = "name+schema"
    NAME = "name only"


class DecidedBy(StrEnum):
    """Who gave the category: a rule alone, the model alone, both in agreement, or a person's correction."""

    RULES = "rules"
    MODEL = "model"
    BOTH = "rules+model"
    PERSON = "person"


class Provenance(StrEnum):
    """How a definition came to us (crawling.md, "Where definitions come from")."""

    LIVE = "live"
    LIVE_REMOTE = "live-remote"
    SNAPSHOT = "snapshot"
    SOURCE = "source"
    MANIFEST = "manifest"
    BUNDLED = "bundled"
    GIVEN = "given"


_LEVEL_RANK: Final = {level: rank for rank, level in enumerate(Level)}

CATEGORIES: Final = (
    Category.READ,
    Category.WRITE,
    Category.EXECUTE,
    Category.DESTRUCTIVE,
    Category.FINANCIAL,
)
LEVELS: Final = (Level.LOW, Level.MEDIUM, Level.HIGH, Level.CRITICAL)
NAME_ONLY_CAP: Final = 0.93  # confidence never rises above this when the name is all there was
UNDESCRIBED_CAP: Final = 0.96  # nor above this when there is no description


@dataclass(frozen=True, slots=True)
class ToolDefinition:
    """One tool as a server describes it. Build untrusted ones with `classifier.definition.parse`.

    The mappings are JSON objects and are treated as immutable. `description` is None when there is
    none in that source, "" when the server sent an empty one. `location` is `file:line@commit` for
    definitions read from source code. `description_unread` says that the source has a description
    we could not resolve (which is not the same as an empty one).
    """

    server: str
    name: str
    title: str | None = None
    description: str | None = None
    input_schema: Mapping[str, Any] | None = None
    output_schema: Mapping[str, Any] | None = None
    annotations: Mapping[str, Any] | None = None
    provenance: Provenance = Provenance.GIVEN
    location: str | None = None
    description_unread: bool = False
    fingerprint: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "fingerprint", _fingerprint(self))

    def __hash__(self) -> int:
        return hash((self.server, self.fingerprint))

    def body(self) -> dict[str, Any]:
        """The definition in the protocol's own spelling, without absent fields (MCP, `Tool`)."""
        fields = {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "inputSchema": self.input_schema,
            "outputSchema": self.output_schema,
            "annotations": self.annotations,
        }
        return {key: value for key, value in fields.items() if value is not None}


_canonical: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode
_AT_ONCE: Final = (
    1 << 16
)  # characters of a text that are escaped at a time; escaped they are six times as long


def _fingerprint(definition: ToolDefinition) -> str:
    """SHA-256, hex, of the canonical JSON body; the server is no part of it (codebook rule 15)."""
    body, digest = definition.body(), hashlib.sha256()
    for at, key in enumerate(sorted(body)):
        digest.update(f'{"," if at else "{"}"{key}":'.encode("ascii"))
        value = body[key]
        if isinstance(value, str) and len(value) > _AT_ONCE:
            pieces = (_canonical(value[start : start + _AT_ONCE]) for start in range(0, len(value), _AT_ONCE))
            digest.update(b'"')
            for piece in pieces:
                digest.update(piece[1:-1].encode("ascii"))
            digest.update(b'"')
        else:
            digest.update(_canonical(value).encode("ascii"))
    digest.update(b"}")
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Evidence:
    """A quotation from the definition. Build with `classifier.evidence.quote`, which checks it.

    `field` is `name`, `title`, `description`, or a slash path such as
    `inputSchema/properties/force` or `annotations/destructiveHint`; `excerpt` is a non-empty
    substring of `classifier.evidence.field_text(definition, field)`; `rule` is a rule's id, or
    `model` when the excerpt is what weighed most in the model's verdict.
    """

    field: str
    excerpt: str
    rule: str


@dataclass(frozen=True, slots=True)
class Modifier:
    """Something stated that moves the level (codebook, "Risk"). `direction`: 1 up, -1 down, 0 noted."""

    name: str
    direction: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class RuleHit:
    """One rule that fired: its id, what it argues for (a category or a modifier), its quotation."""

    rule: str
    argues_for: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class ModelVerdict:
    """The model's raw answer: a probability per category, in the order of `CATEGORIES`, summing to 1."""

    version: str
    probabilities: tuple[float, ...]

    @property
    def category(self) -> Category:
        """The most probable category; the first one on a tie."""
        return CATEGORIES[max(range(len(CATEGORIES)), key=self.probabilities.__getitem__)]


@dataclass(frozen=True, slots=True)
class Classification:
    """What a definition permits, how sure we are, and why.

    `effects` are all categories that are stated, worst first, including `category`.
    `confidence` is the calibrated probability in [0, 1] that `category` is right, capped at
    `NAME_ONLY_CAP` when `basis` is the name alone. `reason` says in one sentence why the final
    answer is what it is, above all where rules and model differed. `annotation_conflict` says how
    the server's own annotations contradict the label, or is None. `review_reasons` is non-empty
    exactly when a person should look.

    Raises ValueError when an invariant is broken.
    """

    fingerprint: str
    category: Category
    risk: Level
    effects: tuple[Category, ...]
    modifiers: tuple[Modifier, ...]
    confidence: float
    evidence: tuple[Evidence, ...]
    basis: Basis
    rule_hits: tuple[RuleHit, ...]
    verdict: ModelVerdict | None
    decided_by: DecidedBy
    reason: str
    annotation_conflict: str | None
    review_reasons: tuple[str, ...]
    rules_version: str

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError(f"classification {self.fingerprint[:12]} has no evidence")
        if not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"confidence {self.confidence!r} is outside [0, 1]")
        if self.basis is Basis.NAME and self.confidence > NAME_ONLY_CAP:
            raise ValueError(f"confidence {self.confidence!r} is above the cap for a name alone")

    @property
    def needs_review(self) -> bool:
        """Whether a person should look at this label."""
        return bool(self.review_reasons)

    @property
    def classifier_version(self) -> str:
        """The versions of rules and model together; a label is only comparable within one."""
        return f"{self.rules_version}/{self.verdict.version if self.verdict else 'no-model'}"


@dataclass(frozen=True, slots=True)
class RateLimit:
    """At most `max_calls` calls per `window` (minute, hour, day), counted under `counter`."""

    counter: str
    window: str
    max_calls: int


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to do about a tool: an action, its limits, and the reason in one sentence."""

    action: Action
    limits: tuple[RateLimit, ...]
    reason: str

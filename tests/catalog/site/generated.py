"""Made-up servers and tools with realistic shapes, the same for the same seed; all texts are our own."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from catalog.records import Outcome, ServerEntry, ToolEntry
from classifier.evidence import quote
from classifier.types import (
    NAME_ONLY_CAP,
    Basis,
    Category,
    Classification,
    DecidedBy,
    Level,
    Modifier,
    Provenance,
    RuleHit,
    ToolDefinition,
)

BEGIN = datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
# verb, third person, category, level, modifiers
ACTS = (
    ("list", "Lists", Category.READ, Level.LOW, ()),
    ("get", "Gets", Category.READ, Level.LOW, ()),
    ("search", "Searches", Category.READ, Level.LOW, ()),
    ("fetch", "Fetches", Category.READ, Level.MEDIUM, ("ssrf",)),
    ("reveal", "Returns", Category.READ, Level.HIGH, ("secrets_out",)),
    ("create", "Creates", Category.WRITE, Level.MEDIUM, ()),
    ("update", "Updates", Category.WRITE, Level.MEDIUM, ()),
    ("replace", "Replaces", Category.WRITE, Level.HIGH, ("overwrites",)),
    ("archive", "Archives", Category.WRITE, Level.LOW, ("small_object",)),
    ("share", "Shares", Category.WRITE, Level.HIGH, ("access_change", "public")),
    ("run", "Runs", Category.EXECUTE, Level.HIGH, ()),
    ("deploy", "Deploys", Category.EXECUTE, Level.CRITICAL, ("shared_infra", "bulk")),
    ("send", "Sends", Category.EXECUTE, Level.HIGH, ("comms",)),
    ("pause", "Pauses", Category.EXECUTE, Level.MEDIUM, ("own_session",)),
    ("delete", "Deletes", Category.DESTRUCTIVE, Level.CRITICAL, ()),
    ("cancel", "Cancels", Category.DESTRUCTIVE, Level.CRITICAL, ()),
    ("purge", "Purges", Category.DESTRUCTIVE, Level.HIGH, ("small_object", "undo_stated")),
    ("refund", "Refunds", Category.FINANCIAL, Level.CRITICAL, ()),
    ("pay", "Pays", Category.FINANCIAL, Level.HIGH, ("simulated", "bulk")),
)
OBJECTS = (
    "job",
    "invoice",
    "issue",
    "API key",
    "user",
    "hourly report",
    "release",
    "entry",
    "box",
    "audit log",
    "data",
    "unit",
    "image",
)
SERVERS = (
    "orchard",
    "ledger",
    "atlas",
    "harbour",
    "umbrella",
    "quarry",
    "inkwell",
    "one-shop",
    "honest-mail",
    "loom",
)
MACHINES = tuple(one for one in DecidedBy if one is not DecidedBy.PERSON)
TAILS = (
    "in the current workspace",
    "of one team",
    "by its identifier",
    "from the archive",
    "for the selected project",
)


@dataclass(frozen=True)
class Listed:
    """A catalogue held in memory."""

    entries: tuple[ServerEntry, ...]

    def servers(self) -> Iterator[ServerEntry]:
        yield from self.entries


class Streamed:
    """A catalogue that makes each server when it is asked for, so that it holds none in memory."""

    def __init__(self, tools: int, per_server: int = 12) -> None:
        self._tools, self._per_server = tools, per_server

    def servers(self) -> Iterator[ServerEntry]:
        for number in range(self._tools // self._per_server):
            yield server(f"{SERVERS[number % len(SERVERS)]}-{number}", self._per_server, seed=number)


def catalogue(seed: int = 1, servers: int = 4, tools: int = 12) -> Listed:
    made = [server(name, tools, seed=seed * 100 + at) for at, name in enumerate(SERVERS[:servers])]
    return Listed((*made, failed("sealed-vault", Outcome.NEEDS_CREDENTIALS, "VAULT_TOKEN is not set")))


def failed(name: str, outcome: Outcome, reason: str) -> ServerEntry:
    return entry(name, (), outcome=outcome, reason=reason, listed=False)


def entry(
    name: str,
    tools: tuple[ToolEntry, ...],
    *,
    outcome: Outcome = Outcome.OK,
    reason: str = "",
    listed: bool = True,
) -> ServerEntry:
    crawled = BEGIN + timedelta(days=20)
    return ServerEntry(
        name=name,
        title=None if len(name) % 2 else f"{name.title()} for teams",
        repository=f"https://example.org/{name}",
        package=f"pypi:{name}-mcp",
        package_version="2.1.0",
        protocol_version="2025-11-25",
        source="bundled",
        provenance=Provenance.LIVE if listed else None,
        outcome=outcome,
        reason=reason,
        next_step="" if outcome is Outcome.OK else "set the variable and crawl again",
        notes=("Python 3.12 was used, because the package asks for it",) if len(name) % 3 == 0 else (),
        unread=(),
        isolation="bwrap" if listed else "",
        crawled_at=crawled,
        listed_at=crawled if listed else None,
        tools=tools,
    )


def server(name: str, tools: int, seed: int) -> ServerEntry:
    chance = random.Random(seed)
    made: dict[str, ToolEntry] = {}
    while len(made) < tools:
        one = tool(name, chance, suffix=str(len(made)) if len(made) > 150 else "")
        made.setdefault(one.definition.name, one)
    ordered = sorted(made.values(), key=lambda one: (-one.classification.risk.rank, one.definition.name))
    return entry(name, tuple(ordered))


def tool(server_name: str, chance: random.Random, suffix: str = "") -> ToolEntry:
    verb, says, category, level, modifiers = chance.choice(ACTS)
    thing = chance.choice(OBJECTS)
    style = chance.random()
    name = f"{verb}_{thing.replace(' ', '_').lower()}{suffix}"
    described = style > 0.2
    definition = ToolDefinition(
        server=server_name,
        name=name if style < 0.9 else name.title().replace("_", ""),
        title=f"{verb.title()} {thing}" if chance.random() < 0.3 else None,
        description=f"{says} the {thing} {chance.choice(TAILS)}. {_second(modifiers)}"
        if described
        else chance.choice((None, "")),
        input_schema=_schema(chance, thing) if style > 0.1 else None,
        annotations=_annotations(chance, category),
        provenance=Provenance.LIVE,
    )
    first = BEGIN + timedelta(days=chance.randrange(15))
    label = classification(definition, (category, level), modifiers, chance)
    return ToolEntry(server_name, definition, label, first, BEGIN + timedelta(days=20))


def _second(modifiers: tuple[str, ...]) -> str:
    return (
        " ".join(f"States {modifier.replace('_', ' ')} plainly." for modifier in modifiers)
        or "Answers with the new state."
    )


def _schema(chance: random.Random, thing: str) -> dict[str, object]:
    thing = thing.replace(" ", "_").lower()
    everything = {
        f"{thing}_id": {"type": "string", "description": f"Which {thing} is meant"},
        "reason": {"type": "string"},
        "force": {"type": "boolean", "description": "Go on although others use it", "default": False},
        "limit": {"type": "integer", "description": "How many at most"},
        "url": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "state": {"enum": ["open", "closed", "all"]},
        "labels": {"type": "array", "items": {"type": "string"}},
    }
    names = list(everything)[: chance.randrange(len(everything) + 1)]
    required = [name for name in names if chance.random() < 0.4]
    return {"type": "object", "properties": {name: everything[name] for name in names}, "required": required}


def _annotations(chance: random.Random, category: Category) -> dict[str, object] | None:
    if chance.random() < 0.5:
        return None
    return {"readOnlyHint": category is Category.READ, "destructiveHint": chance.random() < 0.5}


def classification(
    definition: ToolDefinition,
    label: tuple[Category, Level],
    modifiers: tuple[str, ...],
    chance: random.Random,
) -> Classification:
    category, level = label
    basis = Basis.TEXT if definition.description else Basis.SCHEMA if definition.input_schema else Basis.NAME
    field = "description" if definition.description else "name"
    text = definition.description or definition.name
    evidence = quote(definition, field, 0, min(len(text), 60), f"{category.value.lower()}-verb")
    confidence = chance.uniform(0.45, 0.999)
    doubtful = confidence < 0.55
    effects = (
        (category, Category.READ) if chance.random() < 0.15 and category is not Category.READ else (category,)
    )
    step = f"lowered from Critical to {level}: it may be less than {category}"
    agreed = f", in agreement with rules {evidence.rule}, {category.value.lower()}-name"
    reason = f"the model says {category} (99%){agreed if confidence > 0.7 else '; no rule argues for it'}"
    if doubtful:
        reason += f"; {step}"
    up = {"small_object": -1, "simulated": -1, "own_session": -1, "undo_stated": -1, "comms": 0}
    return Classification(
        fingerprint=definition.fingerprint,
        category=category,
        risk=level,
        effects=effects,
        modifiers=tuple(Modifier(name, up.get(name, 1), evidence) for name in modifiers),
        confidence=min(confidence, NAME_ONLY_CAP) if basis is Basis.NAME else confidence,
        evidence=(evidence,),
        basis=basis,
        rule_hits=(RuleHit(evidence.rule, category.value, evidence),),
        verdict=None,
        decided_by=chance.choice(MACHINES),
        reason=reason,
        annotation_conflict="it claims to be read-only" if chance.random() < 0.05 else None,
        review_reasons=(step, f"unsure between {category} and Read (25%)") if doubtful else (),
        rules_version="1",
    )

"""What a policy truly does with a tool: judged by the engine, on an example call made from the tool's own schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import find, settings
from hypothesis import strategies as st

from catalog.policy.call import Call
from catalog.policy.decide import State, decide, visible
from catalog.policy.decision import Code, Decision, Verdict
from catalog.policy.model import Policy
from catalog.policy.recommend import recommend
from catalog.policy.schema import objection
from classifier.types import Action, Classification, Recommendation, ToolDefinition

Json = dict[str, Any]
NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
MINUTE = 60
_FORMATS = {
    "uri": "https://example.org/a",
    "url": "https://example.org/a",
    "email": "ada@example.org",
    "date": "2030-01-01",
    "date-time": "2030-01-01T00:00:00Z",
    "uuid": "0b5c1c1e-7d0c-4e7c-9d6b-3f0b8a4f2c11",
}


class Uncallable(ValueError):
    """The schema requires an argument that no value can be."""


def example(definition: ToolDefinition) -> Json:
    """Arguments that the tool's own schema takes: what it requires, and nothing else."""
    schema = definition.input_schema or {}
    found: Json = _value({"type": "object", **schema}, schema)
    assert objection(definition, found) == "", (definition.server, definition.name, found)
    return found


def _value(schema: Any, root: Mapping[str, Any]) -> Any:
    if not isinstance(schema, Mapping):
        return "x"
    if "$ref" in schema:
        return _value(_referred(schema["$ref"], root), root)
    if "enum" in schema and not schema["enum"]:
        raise Uncallable
    for value in (*([schema["const"]] if "const" in schema else []), *schema.get("enum", [])):
        return value
    for part in () if "properties" in schema else (*schema.get("anyOf", []), *schema.get("oneOf", [])):
        return _value(part, root)
    if schema.get("allOf"):
        merged = {key: value for part in schema["allOf"] for key, value in _resolved(part, root).items()}
        return _value({**merged, **{key: value for key, value in schema.items() if key != "allOf"}}, root)
    return _of_type(schema, root)


def _of_type(schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: _value(properties.get(name, {}), root) for name in schema.get("required", [])}
    if kind == "array":
        return [_value(schema.get("items", {}), root) for _ in range(schema.get("minItems", 0))]
    if kind in ("number", "integer"):
        return _number(schema)
    return _text(schema) if kind == "string" else {"boolean": False, "null": None}[kind]


def _resolved(part: Mapping[str, Any], root: Mapping[str, Any]) -> Mapping[str, Any]:
    return _referred(part["$ref"], root) if "$ref" in part else part


def _referred(reference: str, root: Mapping[str, Any]) -> Any:
    value: Any = root
    for step in reference.removeprefix("#").split("/")[1:]:
        value = value[step.replace("~1", "/").replace("~0", "~")]
    return value


def _number(schema: Mapping[str, Any]) -> int | Decimal:
    lowest = schema.get("minimum", schema.get("exclusiveMinimum", 1))
    lowest = max(lowest, 1) if schema.get("maximum", 1) >= 1 else lowest
    step = 1 if "exclusiveMinimum" in schema else 0
    return int(lowest) + step if float(lowest).is_integer() else Decimal(str(lowest))


def _text(schema: Mapping[str, Any]) -> str:
    if "pattern" in schema:
        lengths = schema.get("minLength", 0), schema.get("maxLength", 1_000)
        texts = st.from_regex(schema["pattern"])
        return find(texts, lambda it: lengths[0] <= len(it) <= lengths[1], settings=settings(database=None))
    text = _FORMATS.get(schema.get("format", ""), "x")
    return text.ljust(schema.get("minLength", 0), "x")[: schema.get("maxLength", 1_000)]


@dataclass(frozen=True)
class Treatment:
    """What happens to a call: how it is answered, by which step, and how many pass in a minute (None: any number)."""

    action: Action
    code: Code = Code.ALLOWED
    a_minute: int | None = None


def treated(policy: Policy, definition: ToolDefinition) -> Treatment:
    """What the engine does with the tool's example call."""
    arguments = example(definition)

    def judged(*, approved: bool = False, state: State | None = None) -> Decision:
        call = Call(
            tool=definition.name, arguments=arguments, at=NOON, definition=definition, approved=approved
        )
        return decide(policy, call, state or State())

    first = judged()
    hidden = first.verdict is Verdict.HIDE
    assert visible(policy, definition.name) is (not hidden and first.code is not Code.NOT_LISTED)
    if first.verdict in (Verdict.HIDE, Verdict.DENY):
        assert judged(approved=True).verdict is first.verdict  # no person lifts a denial
        return Treatment(Action.HIDE if hidden else Action.DENY, first.code)
    passed = judged(approved=True)
    assert passed.verdict is Verdict.ALLOW
    counted = [it for it in passed.reservations if it.window_seconds == MINUTE and it.amount == 1]
    for room in counted:
        full = judged(approved=True, state=State({room.key: room.maximum}))
        assert (full.verdict, full.code, full.rule) == (Verdict.DENY, Code.LIMIT, room.rule)
    a_minute = int(min(it.maximum for it in counted)) if counted else None
    if first.verdict is Verdict.APPROVE:
        return Treatment(Action.APPROVE, first.code, a_minute)
    return Treatment(Action.LIMIT if counted else Action.ALLOW, first.code, a_minute)


def recommended(wanted: Recommendation, version: str) -> Treatment:
    """The row of the table, as a document of that version says it."""
    a_minute = wanted.limits[0].max_calls if wanted.limits else None
    if wanted.action is Action.HIDE:
        return Treatment(Action.HIDE, Code.HIDDEN)
    if wanted.action is Action.DENY:
        return Treatment(Action.DENY, Code.NOT_LISTED if version == "1" else Code.DENIED)
    if wanted.action is Action.APPROVE and version == "1":
        return Treatment(Action.DENY, Code.DENY_IF)
    code = Code.APPROVAL if wanted.action is Action.APPROVE else Code.ALLOWED
    return Treatment(wanted.action, code, a_minute)


def unproven(policy: Policy, tools: Iterable[tuple[ToolDefinition, Classification]]) -> dict[str, str]:
    """The tools that the policy treats otherwise than the table says, and how; none that no call fits."""
    wrong = {}
    for definition, label in tools:
        wanted = recommended(recommend(label, definition.name), policy.version)
        try:
            found = treated(policy, definition)
        except Uncallable:
            found = wanted  # there is no call that could be treated
        if found != wanted:
            wrong[definition.name] = f"{found}, not {wanted}"
    return wrong

"""What a tool's own schema lets a policy say about money: an amount, a currency, a recipient, a cap."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from catalog.policy.arguments import Argument, look_up

if TYPE_CHECKING:
    from collections.abc import Iterable

    from classifier.types import ToolDefinition

DAILY_CAP: Final = 1_000  # in whole units; what a cap is where the schema names no greatest amount
_MINOR: Final = 100  # cents to the unit
_AMOUNTS: Final = (
    "amount",
    "total_amount",
    "payment_amount",
    "amount_cents",
    "amount_minor",
    "total",
    "sum",
    "price",
)
_CURRENCIES: Final = ("currency", "currency_code", "asset", "token")
_RECIPIENTS: Final = (
    "recipient", "recipient_id", "payee", "payee_id", "beneficiary", "destination", "to", "to_address", "to_account",
    "account_id", "customer", "customer_id", "vendor_id", "iban",
)  # fmt: skip
_IN_MINOR: Final = re.compile(
    r"\bcents?\b|\bpence\b|\bminor (?:currency )?unit|\bsmallest (?:currency )?unit", re.IGNORECASE
)
_NUMBERS: Final = frozenset({"number", "integer"})
_DIGITS: Final = r"^[0-9]+(\.[0-9]+)?$"


@dataclass(frozen=True, slots=True)
class MoneyRules:
    """Requirements and a limit in the words of version 2, and why no cap can be kept where none is."""

    require: tuple[dict[str, Any], ...]
    cap: dict[str, Any] | None
    why_no_cap: str


def money_rules(tool: ToolDefinition) -> MoneyRules:
    """What the top level of the tool's input schema gives to go by."""
    amount, currency, recipient = (_first(tool, names) for names in (_AMOUNTS, _CURRENCIES, _RECIPIENTS))
    require = [
        _group(tool, name, conditions)
        for name, conditions in (
            (amount, _of_amount(tool, amount)),
            (currency, _of_text(tool, currency)),
            (recipient, _of_text(tool, recipient)),
        )
        if name and conditions
    ]
    why = _why_no_cap(tool, amount)
    return MoneyRules(tuple(require), None if why else _cap(tool, amount, currency), why)


def _first(tool: ToolDefinition, names: Iterable[str]) -> str:
    """The first of the names that the schema declares, "" for none; as the schema spells it."""
    properties = (tool.input_schema or {}).get("properties")
    declared = properties if isinstance(properties, Mapping) else {}
    spelt = {re.sub(r"(?<=[a-z])(?=[A-Z])", "_", str(name)).lower(): str(name) for name in declared}
    return next((spelt[name] for name in names if name in spelt and "." not in spelt[name]), "")


def _of_amount(tool: ToolDefinition, name: str) -> list[dict[str, Any]]:
    if not name:
        return []
    path = f"args.{name}"
    types = _argument(tool, name).types
    if types and types <= _NUMBERS:
        return [{"path": path, "op": "gt", "value": 0}]
    return [{"path": path, "op": "regex", "value": _DIGITS}] if types == {"string"} else []


def _of_text(tool: ToolDefinition, name: str) -> list[dict[str, Any]]:
    """One of the values that the schema lists; else a text and nothing else, such as a list of several."""
    argument = _argument(tool, name)
    if not name or argument.types != {"string"}:
        return []
    values = [value for value in argument.values if isinstance(value, str)]
    if values:
        return [{"path": f"args.{name}", "op": "in", "value": values}]
    return [{"path": f"args.{name}", "op": "type", "value": "string"}]


def _group(tool: ToolDefinition, name: str, conditions: list[dict[str, Any]]) -> dict[str, Any]:
    """An argument that the schema does not require may be left out."""
    if _is_required(tool, name):
        return {"conditions": conditions}
    return {"any": [{"path": f"args.{name}", "op": "exists", "value": False}, *conditions]}


def _cap(tool: ToolDefinition, amount: str, currency: str) -> dict[str, Any]:
    cap: dict[str, Any] = {
        "counter": f"{tool.name}_spend",
        "window": "day",
        "max": _greatest(tool, amount),
        "add": f"args.{amount}",
    }
    # Only by a currency that the schema lists: with free text every new spelling were a fresh cap.
    if currency and _is_required(tool, currency) and _argument(tool, currency).values:
        cap["by"] = [f"args.{currency}"]
    return cap


def _why_no_cap(tool: ToolDefinition, amount: str) -> str:
    if not amount:
        return "its schema names no amount that could be added up"
    types = _argument(tool, amount).types
    if not types or not types <= _NUMBERS:
        return f"args.{amount} is no number, so it cannot be added up"
    if not _is_required(tool, amount):
        return f"args.{amount} may be left out, so it cannot be added up"
    return ""


def _greatest(tool: ToolDefinition, amount: str) -> int | float:
    """The schema's own greatest amount, else the daily cap, but never below a value the schema names."""
    schema = (tool.input_schema or {})["properties"][amount]
    stated = _amounts(schema.get("maximum"), schema.get("exclusiveMaximum"))
    if stated:
        return min(stated)
    text = f"{amount} {schema.get('description', '')}".replace("_", " ")
    units = DAILY_CAP * (_MINOR if _IN_MINOR.search(text) else 1)
    examples = schema.get("examples")
    named = [schema.get("minimum"), schema.get("default"), *(examples if isinstance(examples, list) else ())]
    return max([units, *_amounts(*named)])


def _amounts(*values: object) -> list[int | float]:
    """Those that could be an amount of money."""
    numbers = (it for it in values if isinstance(it, int | float) and not isinstance(it, bool))
    return [number for number in numbers if 0 < number < 1e15]


def _is_required(tool: ToolDefinition, name: str) -> bool:
    required = (tool.input_schema or {}).get("required")
    return isinstance(required, list) and name in required


def _argument(tool: ToolDefinition, name: str) -> Argument:
    return look_up(tool.input_schema, (name,))

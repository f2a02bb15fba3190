"""A call's arguments against the tool's own input schema: fast, without any look outside, never hanging.

The schema is a server's text. One that cannot be checked safely (schema_cost.py), does not compile,
has a pattern without a linear-time reading or refers to something elsewhere leaves doubt, and doubt
is an objection like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import jsonschema_rs

from catalog.policy.schema_cost import TooCostly, check_cost, count_patterns
from catalog.visible import one_line

if TYPE_CHECKING:
    from classifier.types import ToolDefinition

_PATTERN: Final = 1 << 20  # bytes of one compiled pattern, at the most
_ALL_PATTERNS: Final = 16 << 20  # bytes of all the patterns of one schema
_HIDDEN: Final = "the value"  # stands for values in messages, which go to logs

Objection = Callable[[Any], str]


def objection(definition: ToolDefinition, arguments: Mapping[str, Any]) -> str:
    """Why the schema refuses these arguments, without their values; "" where it does not.

    A definition without a schema refuses nothing.
    """
    return _checker(definition)(arguments)


@lru_cache(maxsize=4096)
def _checker(definition: ToolDefinition) -> Objection:
    """The compiled schema of a definition; definitions are told apart by their fingerprint."""
    schema = definition.input_schema
    if schema is None:
        return lambda _arguments: ""
    try:
        check_cost(schema)
        validator = jsonschema_rs.validator_for(
            dict(schema),
            validate_formats=False,
            mask=_HIDDEN,
            pattern_options=_linear(count_patterns(schema)),
            offline=True,  # neither the network nor a file
        )
    except (
        TooCostly,
        jsonschema_rs.ValidationError,
        jsonschema_rs.ReferencingError,
        ValueError,
        TypeError,
    ) as error:
        why = one_line(str(error).split("\n", 1)[0], 160)
        return lambda _arguments: f"the tool's own input schema cannot be checked: {why}"
    return lambda arguments: "" if validator.is_valid(arguments) else _why(validator, arguments)


def _linear(patterns: int) -> Any:
    """Patterns that run in linear time, so many of them sharing the memory that there is."""
    size = min(_PATTERN, _ALL_PATTERNS // max(1, patterns))
    return jsonschema_rs.RegexOptions(size_limit=size, dfa_size_limit=_PATTERN)


def _why(validator: Any, arguments: Any) -> str:
    error = next(validator.iter_errors(arguments), None)
    if error is None:
        return "the tool's input schema refuses the arguments"
    place = ".".join(("args", *map(str, error.instance_path)))
    return one_line(f"{place}: {error.message}", 240)

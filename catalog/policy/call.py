"""One call of a tool, as the judge sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from classifier.types import ToolDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is asked for, by whom and when; nothing here comes from headers.

    `arguments` is plain JSON whose numbers are int or Decimal, never float. `at` is aware, in UTC.
    `grant` is the grant's name; `session` is the older protocol's session id, "" where there is none.
    `definition` is what the server lists under exactly this name, None where it lists none.
    `approved`: a person approved exactly this call (the approval has been claimed).
    """

    tool: str
    arguments: Mapping[str, Any]
    at: datetime
    grant: str = "local"
    session: str = ""
    definition: ToolDefinition | None = None
    approved: bool = False

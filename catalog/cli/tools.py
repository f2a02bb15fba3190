"""Classified tools as people and programs read them: the table, and the machine forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from catalog.cli import output
from catalog.cli.listing import Column, Row, print_rows
from catalog.cli.options import Format
from catalog.cli.sarif import sarif
from catalog.files import write_text
from catalog.public import to_json, tool_row
from catalog.visible import one_line
from classifier.types import Category, Classification, Level, ToolDefinition

NARROW: Final = 110  # columns of a terminal below which name and evidence share one


class ToolFormat(StrEnum):
    """How classified tools are printed."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    CSV = "csv"
    MARKDOWN = "markdown"
    SARIF = "sarif"


@dataclass(frozen=True, slots=True)
class ClassifiedTool:
    """A definition with its classification; `row_id` is the `id` that the input gave, if any."""

    definition: ToolDefinition
    classification: Classification
    row_id: object = None

    def row(self) -> dict[str, Any]:
        """The public JSON."""
        return tool_row(self.definition, self.classification, row_id=self.row_id)


def risk_order(tool: ClassifiedTool) -> tuple[int, int, str, str]:
    """Sort key: the worst level first, within it the worst category, then by server and name."""
    worst = list(Category).index(tool.classification.category)
    return -tool.classification.risk.rank, -worst, tool.definition.server, tool.definition.name


def print_tools(tools: Sequence[ClassifiedTool], form: ToolFormat, out: Path | None) -> None:
    """Print tools in one form, to stdout or to a file."""
    if form is not ToolFormat.SARIF:
        print_rows([tool.row() for tool in tools], _columns(tools, form, out), Format(form.value), out)
        return
    text = to_json(sarif([tool.row() for tool in tools]), indent=2)
    if out is None:
        output.line(text)
    else:
        write_text(out, text + "\n")


def _columns(tools: Sequence[ClassifiedTool], form: ToolFormat, out: Path | None) -> tuple[Column, ...]:
    several = len({tool.definition.server for tool in tools}) > 1
    if form is ToolFormat.TABLE and out is None and output.data.width < NARROW:
        return (_LEVEL, _CATEGORY, _TOOL_AND_EVIDENCE, _CONFIDENCE, _ACTION)
    return (_LEVEL, _CATEGORY, *((_SERVER,) if several else ()), _TOOL, _CONFIDENCE, _EVIDENCE, _ACTION)


def _evidence(row: Row) -> str:
    return str(row["evidence"][0]["excerpt"])


def _evidence_text(row: Row) -> Text:
    """The quotation, cut to two lines of a wide terminal, and where it stands when not in the text."""
    first = row["evidence"][0]
    quoted = Text(f"“{one_line(first['excerpt'], 100)}”")
    return (
        quoted
        if first["field"] == "description"
        else quoted.append(f" ({one_line(first['field'], 40)})", style="dim")
    )


def _tool_and_evidence(row: Row) -> Text:
    return Text.assemble((one_line(row["name"], 48), "bold"), "\n", _evidence_text(row))


def _action_text(row: Row) -> Text:
    shown = Text(_action(row))
    return shown.append(" · review", style="magenta") if row["needs_review"] else shown


def _action(row: Row) -> str:
    recommendation = row["recommendation"]
    limits = [f"{limit['max']}/{limit['window']}" for limit in recommendation["limits"]]
    return " ".join([str(recommendation["action"]), *limits])


_LEVEL: Final = Column(
    "Level", lambda row: str(row["risk"]), lambda row: output.level_text(Level(row["risk"]))
)
_CATEGORY: Final = Column(
    "Category", lambda row: str(row["category"]), lambda row: output.category_text(Category(row["category"]))
)
_SERVER: Final = Column(
    "Server", lambda row: str(row["server"]), lambda row: Text(one_line(row["server"], 32))
)
_TOOL: Final = Column(
    "Tool", lambda row: str(row["name"]), lambda row: Text(one_line(row["name"], 48), style="bold")
)
_CONFIDENCE: Final = Column("Conf.", lambda row: output.percent(row["confidence"]), justify="right")
_EVIDENCE: Final = Column("Evidence", _evidence, _evidence_text, ratio=1)
_TOOL_AND_EVIDENCE: Final = Column("Tool and evidence", _evidence, _tool_and_evidence, ratio=1)
_ACTION: Final = Column("Recommended", _action, _action_text)

"""Classified tools as people and programs read them: the table, and the machine forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from rich.text import Text

from catalog.cli import output
from catalog.cli.listing import NARROW, Column, Row, print_rows
from catalog.cli.options import Format
from catalog.cli.sarif import sarif
from catalog.files import write_text
from catalog.public import to_json, tool_row
from catalog.visible import one_line
from classifier.types import Category, Classification, DecidedBy, Level, ToolDefinition


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


def print_tools(
    tools: Sequence[ClassifiedTool], form: ToolFormat, out: Path | None, *, name_servers: bool = False
) -> None:
    """Print tools in one form, to stdout or to a file, and say how many labels are corrections.

    The table names each tool's server where they have several, and with `name_servers` in any case.
    """
    corrected = sum(tool.classification.decided_by is DecidedBy.PERSON for tool in tools)
    if corrected:
        output.say(
            f"{output.plural(corrected, 'label')} corrected by a person: catalog override --list", "magenta"
        )
    if form is not ToolFormat.SARIF:
        several = name_servers or len({tool.definition.server for tool in tools}) > 1
        columns = MACHINE if form is not ToolFormat.TABLE else _columns(_confidence(tools), several, out)
        print_rows([tool.row() for tool in tools], columns, Format(form.value), out)
        return
    text = to_json(sarif([tool.row() for tool in tools]), indent=2)
    if out is None:
        output.line(text)
    else:
        write_text(out, text + "\n")


def _columns(sure: Column, several: bool, out: Path | None) -> tuple[Column, ...]:
    if out is None and output.data.width < NARROW:
        shared = _SERVER_TOOL_AND_EVIDENCE if several else _TOOL_AND_EVIDENCE
        return (_LEVEL, _CATEGORY, shared, sure, _ACTION)
    return (_LEVEL, _CATEGORY, *((_SERVER,) if several else ()), _TOOL, sure, _EVIDENCE, _ACTION)


def _confidence(tools: Sequence[ClassifiedTool]) -> Column:
    """How sure the classifier is; of a person's label nothing was measured."""
    corrected = {
        (tool.definition.server, tool.definition.name)
        for tool in tools
        if tool.classification.decided_by is DecidedBy.PERSON
    }

    def cell(row: Row) -> str:
        is_corrected = (row["server"], row["name"]) in corrected
        return "corrected" if is_corrected else output.percent(row["confidence"])

    return Column("Conf.", cell, justify="right")


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


def _server_tool_and_evidence(row: Row) -> Text:
    return Text.assemble((f"{one_line(row['server'], 32)}/", "dim"), _tool_and_evidence(row))


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
_EVIDENCE: Final = Column("Evidence", _evidence, _evidence_text, ratio=1)
_TOOL_AND_EVIDENCE: Final = Column("Tool and evidence", _evidence, _tool_and_evidence, ratio=1)
_SERVER_TOOL_AND_EVIDENCE: Final = Column("Tool and evidence", _evidence, _server_tool_and_evidence, ratio=1)
_ACTION: Final = Column("Recommended", _action, _action_text)

# CSV and Markdown are read by programs: the same columns whatever is listed.
MACHINE: Final = (
    Column("Level", lambda row: str(row["risk"])),
    Column("Category", lambda row: str(row["category"])),
    Column("Server", lambda row: str(row["server"])),
    Column("Tool", lambda row: str(row["name"])),
    Column("Confidence", lambda row: str(row["confidence"])),
    Column("Basis", lambda row: str(row["basis"])),
    Column("Evidence", _evidence),
    Column("Recommended", _action),
    Column("Needs_review", lambda row: str(row["needs_review"]).lower()),
)

"""Classified tools as SARIF 2.1.0, for code-scanning views: a result per tool, Low ones as remarks of kind none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import catalog
from catalog.cli import output

_SEVERITY: Final = {
    "Low": "none",
    "Medium": "note",
    "High": "warning",
    "Critical": "error",
    "Unknown": "warning",
}
_SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"


def sarif(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The SARIF log of public tool rows (see `catalog.public.tool_row`)."""
    categories = sorted({row["category"] for row in rows})
    driver = {
        "name": "mcp-tool-risk-catalogue",
        "version": catalog.__version__,
        "rules": [
            {"id": category.lower(), "name": category, "shortDescription": {"text": f"{category} tool"}}
            for category in categories
        ],
    }
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": [_result(row) for row in rows]}],
    }


def _result(row: Mapping[str, Any]) -> dict[str, Any]:
    evidence = row["evidence"][0]
    recommendation = row["recommendation"]
    text = (
        f"{row['name']} on {row['server']} is {row['category']}, {row['risk']} ({output.percent(row['confidence'])} sure): "
        f"{evidence['field']} says “{evidence['excerpt']}”. Recommended: {recommendation['action']}."
    )
    return {
        "ruleId": row["category"].lower(),
        "level": _SEVERITY[row["risk"]],
        "message": {"text": text},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": f"mcp/{_part(row['server'])}/{_part(row['name'])}"}
                },
                "logicalLocations": [
                    {
                        "name": row["name"],
                        "fullyQualifiedName": f"{row['server']}/{row['name']}",
                        "kind": "function",
                    }
                ],
            }
        ],
        "properties": {
            key: row[key] for key in ("effects", "modifiers", "basis", "needs_review", "recommendation")
        },
    }


def _part(name: str) -> str:
    """A name as one part of a URI; what UTF-8 cannot say (lone surrogates) becomes `?`."""
    return quote(name, safe="", errors="replace")

"""`catalog classify --input`: definitions in, classifications out, line by line, nothing stored."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from catalog.cli import output, summary
from catalog.cli.options import LevelChoice
from catalog.cli.tools import ClassifiedTool, ToolFormat, print_tools, risk_order
from catalog.errors import NotDefinitions, NothingCollected
from catalog.files import writing
from catalog.public import to_json
from catalog.sources.stream import read_definitions
from classifier.classify import Classifier
from classifier.definition import name_only as without_texts
from classifier.types import Level


def classify_input(
    source: str,
    classifier: Classifier,
    *,
    name_only: bool,
    form: ToolFormat,
    out: Path | None,
    fail_on: LevelChoice | None,
) -> None:
    """Classify every definition in a file or on stdin; `jsonl` is written as it is read, in its order."""
    with _opened(source) as stream:
        tools = _classified(stream, source, classifier, name_only=name_only)
        levels = _stream_lines(tools, out) if form is ToolFormat.JSONL else _print_all(tools, form, out)
    if levels is None:
        raise NothingCollected(
            f"{_subject(source)} holds no tool definitions", hint="see `catalog classify --help` for the form"
        )
    summary.fail_at(fail_on, [levels])


@contextmanager
def _opened(source: str) -> Iterator[BinaryIO]:
    if source == "-":
        yield sys.stdin.buffer
        return
    try:
        file = Path(source).open("rb")  # noqa: SIM115 - closed below; only opening may fail this way
    except OSError as error:
        raise NotDefinitions(
            f"cannot read {source}: {(error.strerror or '').lower()}", hint="check the path; - reads stdin"
        ) from error
    with file:
        yield file


def _subject(source: str) -> str:
    return "standard input" if source == "-" else source


def _classified(
    stream: BinaryIO, source: str, classifier: Classifier, *, name_only: bool
) -> Iterator[ClassifiedTool]:
    for row in read_definitions(stream, _subject(source)):
        seen = without_texts(row.definition) if name_only else row.definition
        yield ClassifiedTool(row.definition, classifier.classify(seen), row.id)


def _stream_lines(tools: Iterator[ClassifiedTool], out: Path | None) -> Level | None:
    if out is None:
        return _write_lines(tools, sys.stdout)
    with writing(out) as file:
        return _write_lines(tools, file)


def _write_lines(tools: Iterator[ClassifiedTool], file: TextIO) -> Level | None:
    """Write a line per tool and flush it, so that a reader at the other end can answer it."""
    highest: Level | None = None
    for tool in tools:
        file.write(to_json(tool.row()) + "\n")
        file.flush()
        risk = tool.classification.risk
        highest = risk if highest is None or risk.rank > highest.rank else highest
    return highest


def _print_all(tools: Iterator[ClassifiedTool], form: ToolFormat, out: Path | None) -> Level | None:
    listed = sorted(tools, key=risk_order) if form is ToolFormat.TABLE else list(tools)
    if not listed:
        return None
    print_tools(listed, form, out)
    output.say("")
    output.say(summary.counts(listed))
    summary.suspicious(listed)
    return max((tool.classification.risk for tool in listed), key=lambda level: level.rank)

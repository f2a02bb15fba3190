"""What reaches the terminal: data on stdout, talk on stderr, untrusted text only as plain `Text`."""

from __future__ import annotations

import os
import sys
from typing import Final

from rich.console import Console
from rich.text import Text

from catalog.errors import OutputError
from catalog.visible import one_line, visible
from classifier.types import Category, Level

LEVEL_STYLE: Final = {
    Level.LOW: "green",
    Level.MEDIUM: "yellow",
    Level.HIGH: "bright_red",
    Level.CRITICAL: "bold white on red",
    Level.UNKNOWN: "bold magenta",
}
CATEGORY_STYLE: Final = {
    Category.READ: "",
    Category.WRITE: "",
    Category.EXECUTE: "",
    Category.DESTRUCTIVE: "red",
    Category.FINANCIAL: "magenta",
    Category.UNKNOWN: "magenta",
}

data = Console(highlight=False, soft_wrap=False)
talk = Console(stderr=True, highlight=False)
_quiet = False


def configure(*, quiet: bool, no_color: bool) -> None:
    """Apply the global flags."""
    global _quiet  # noqa: PLW0603 - one process, one command line
    _quiet = quiet
    if no_color:
        os.environ["NO_COLOR"] = "1"
        data.no_color = talk.no_color = True


def is_quiet() -> bool:
    """Whether progress and talk are unwanted."""
    return _quiet


def require() -> None:
    """Refuse to start without a standard output: results would be lost.

    Raises:
        OutputError: standard output is closed.

    """
    if sys.stdout is None:
        raise OutputError("standard output is closed", hint="leave it open, or write to a file with -o")


def abandon() -> None:
    """Nobody reads standard output any more, or it is full: keep Python from complaining at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def line(text: str) -> None:
    """One line of data on stdout, written as it is: for JSON and other text that a program reads."""
    sys.stdout.write(text + "\n")


def say(text: str, style: str = "") -> None:
    """One line of talk on stderr, unless quiet."""
    if not _quiet:
        talk.print(Text(visible(text), style=style), soft_wrap=True)


def warn(text: str) -> None:
    """A line that is shown even when quiet: something the user would not want to miss."""
    talk.print(Text.assemble(("warning: ", "yellow"), one_line(text)), soft_wrap=True)


def error(text: str, hint: str = "") -> None:
    """An error line with its next step. Several lines (a list of policy errors) stay several."""
    for number, row in enumerate(text.splitlines() or [""]):
        prefix = ("error: ", "bold red") if number == 0 else ("       ", "")
        talk.print(Text.assemble(prefix, one_line(row)), soft_wrap=True)
    if hint:
        talk.print(Text.assemble(("  next: ", "bold"), one_line(hint)), soft_wrap=True)


def level_text(level: Level) -> Text:
    """A level in its colour; the word always stands there, colour never says it alone."""
    padded = level is Level.CRITICAL and data.color_system is not None and not data.no_color
    return Text(f" {level.value} " if padded else level.value, style=LEVEL_STYLE[level])


def category_text(category: Category) -> Text:
    """A category in its colour."""
    return Text(category.value, style=CATEGORY_STYLE[category])


def percent(confidence: float) -> str:
    """A confidence for people: never rounded up to certainty."""
    return f"{min(confidence, 0.99):.0%}"


def plural(count: int, noun: str) -> str:
    """`1 tool`, `12 tools`, `10,000 tools`."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"

"""The calibration plot: confidence against the share that was right; the diagonal is what was promised.

The geometry is worked out here once; `svg` writes it as a file, the site's template draws the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from classifier.metrics import Bin

WIDTH: Final = 360
HEIGHT: Final = 340
_LEFT, _TOP, _SIDE = 46, 14, 280  # the square that confidence and accuracy span
_TICKS: Final = (0, 20, 40, 60, 80, 100)  # per cent
_LARGEST: Final = 12.0  # radius of the largest dot; its area is the number of answers
_SMALLEST: Final = 2.0


@dataclass(frozen=True, slots=True)
class Dot:
    """A tenth of confidence. `gap_to` is the height of the diagonal above or below it."""

    x: float
    y: float
    radius: float
    gap_to: float
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on both axes: where, and its words."""

    x: float
    y: float
    word: str


@dataclass(frozen=True, slots=True)
class Plot:
    """The geometry in SVG units, of a picture of `WIDTH` by `HEIGHT`."""

    width: int
    height: int
    left: float
    top: float
    right: float
    bottom: float
    dots: tuple[Dot, ...]
    ticks: tuple[Tick, ...]
    summary: str


def plot(bins: Sequence[Bin]) -> Plot:
    """Place the dots; tenths without an answer have none."""
    most = max((one.count for one in bins), default=0)
    filled = [one for one in bins if one.count]
    return Plot(
        width=WIDTH,
        height=HEIGHT,
        left=_LEFT,
        top=_TOP,
        right=_LEFT + _SIDE,
        bottom=_TOP + _SIDE,
        dots=tuple(_dot(one, most) for one in filled),
        ticks=tuple(Tick(_x(percent / 100), _y(percent / 100), f"{percent}%") for percent in _TICKS),
        summary="; ".join(_words(one) for one in filled),
    )


def _x(share: float) -> float:
    return round(_LEFT + share * _SIDE, 1)


def _y(share: float) -> float:
    return round(_TOP + (1 - share) * _SIDE, 1)


def _dot(one: Bin, most: int) -> Dot:
    radius = max(_SMALLEST, _LARGEST * float((one.count / most) ** 0.5))
    return Dot(_x(one.confidence), _y(one.accuracy), round(radius, 1), _y(one.confidence), _words(one))


def _words(one: Bin) -> str:
    return f"{one.count:,} at {one.confidence:.0%} confidence, {one.accuracy:.0%} right"


def svg(bins: Sequence[Bin]) -> str:
    """The plot as a file: self-contained SVG 1.1, nothing in it but figures and our own words."""
    at = plot(bins)
    ticks = "\n".join(_tick(at, tick) for tick in at.ticks)
    dots = "\n".join(
        f'<line x1="{dot.x}" y1="{dot.y}" x2="{dot.x}" y2="{dot.gap_to}" stroke="#b4562c"/>'
        f'<circle cx="{dot.x}" cy="{dot.y}" r="{dot.radius}" fill="#1f5f8b" fill-opacity="0.75"><title>{dot.title}</title></circle>'
        for dot in at.dots
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {at.width} {at.height}" width="{at.width}" '
        f'height="{at.height}" role="img" font-family="sans-serif" font-size="11">\n'
        f"<title>Confidence against the share that was right</title>\n<desc>{at.summary}</desc>\n"
        f'<rect width="{at.width}" height="{at.height}" fill="#ffffff"/>\n'
        f'<rect x="{at.left}" y="{at.top}" width="{at.right - at.left}" height="{at.bottom - at.top}" fill="none" stroke="#777777"/>\n'
        f"{ticks}\n"
        f'<line x1="{at.left}" y1="{at.bottom}" x2="{at.right}" y2="{at.top}" stroke="#777777" stroke-dasharray="4 3"/>\n'
        f"{dots}\n"
        f'<text x="{(at.left + at.right) / 2}" y="{at.bottom + 34}" text-anchor="middle" fill="#333333">confidence</text>\n'
        f'<text x="12" y="{(at.top + at.bottom) / 2}" text-anchor="middle" fill="#333333" '
        f'transform="rotate(-90 12 {(at.top + at.bottom) / 2})">category right</text>\n</svg>\n'
    )


def _tick(at: Plot, tick: Tick) -> str:
    return (
        f'<text x="{tick.x}" y="{at.bottom + 16}" text-anchor="middle" fill="#333333">{tick.word}</text>'
        f'<text x="{at.left - 5}" y="{tick.y + 4}" text-anchor="end" fill="#333333">{tick.word}</text>'
    )

"""Two versions of a server's text, word by word, cut down to what changed and a little around it."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final, TypeAlias

from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Piece: TypeAlias = tuple[str, str]  # `same`, `gone` or `new`, and the words

AROUND: Final = 8  # words shown before and after a change
WIDTH: Final = 420  # characters of one piece
MOST: Final = 900  # characters of all pieces
_COMPARED: Final = 160  # words on each side that are compared one by one; more would take too long


def word_diff(before: str, after: str) -> tuple[Piece, ...]:
    """What goes and what comes, in order; nothing where only white space differs."""
    old, new = before.split(), after.split()
    if old == new:
        return ()
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    inner_old, inner_new = old[head : len(old) - tail], new[head : len(new) - tail]
    pieces = [
        ("same", _end(old[:head])),
        *_between(inner_old, inner_new),
        ("same", _start(old[len(old) - tail :])),
    ]
    return _cut([(kind, text) for kind, text in pieces if text])


def _cut(pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The first pieces, where there are too many of them."""
    room = MOST
    for at, (_, text) in enumerate(pieces):
        room -= len(text)
        if room < 0 and at:
            return (*pieces[:at], ("same", "…"))
    return tuple(pieces)


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _between(old: Sequence[str], new: Sequence[str]) -> Iterator[Piece]:
    if max(len(old), len(new)) > _COMPARED:
        yield from (("gone", _joined(old)), ("new", _joined(new)))
        return
    for _, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if old[a:b] == new[c:d]:
            yield "same", _middle(old[a:b])
        else:
            yield from (("gone", _joined(old[a:b])), ("new", _joined(new[c:d])))


def _joined(words: Sequence[str]) -> str:
    return one_line(" ".join(words)[: 2 * WIDTH], WIDTH)


def _end(words: Sequence[str]) -> str:
    return ("… " if len(words) > AROUND else "") + _joined(words[-AROUND:])


def _start(words: Sequence[str]) -> str:
    return _joined(words[:AROUND]) + (" …" if len(words) > AROUND else "")


def _middle(words: Sequence[str]) -> str:
    return (
        _joined(words)
        if len(words) <= 2 * AROUND
        else f"{_joined(words[:AROUND])} … {_joined(words[-AROUND:])}"
    )

"""Files with a piece for each server: new pieces are put between the old ones, which are taken from the old file."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, BinaryIO

from catalog.site.kinds import JOINED
from catalog.site.state import to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from catalog.site.draft import Draft
    from catalog.site.made import Joined
    from catalog.site.state import State
    from catalog.site.work import Files

_PIECES = """SELECT server.id, fresh.bytes, piece.start, piece.size FROM server
 LEFT JOIN fresh ON fresh.path = ? AND fresh.server = server.id LEFT JOIN piece ON piece.path = ? AND piece.server = server.id
 WHERE server.tools > 0 ORDER BY server.fold, server.name"""


def take(state: State, some: Iterable[Files]) -> None:
    """Keep the new pieces of some servers until the files are written."""
    rows = (
        (joined.path, to_bytes(files.name), piece)
        for files in some
        for joined, piece in zip(JOINED, files.pieces, strict=bool(files.pieces))
    )
    state.many(
        "INSERT INTO fresh SELECT ?, id, ? FROM server WHERE name = ?",
        ((path, piece, name) for path, name, piece in rows),
    )


def write(state: State, draft: Draft) -> None:
    """Write all joined files."""
    for joined in JOINED:
        with ExitStack() as stack:
            former = draft.old / joined.path if draft.old else None
            old = stack.enter_context(former.open("rb")) if former and former.is_file() else None
            places: list[tuple[str, int, int, int]] = []
            draft.join(joined.path, _parts(joined, state, old, places))
        state.many("INSERT OR REPLACE INTO piece VALUES (?, ?, ?, ?)", places)
        state.connection.execute("INSERT INTO found VALUES (?, x'', 0)", (to_bytes(joined.path),))
    state.connection.execute("DELETE FROM fresh")


def _parts(
    joined: Joined, state: State, old: BinaryIO | None, places: list[tuple[str, int, int, int]]
) -> Iterator[bytes]:
    at = len(joined.head)
    yield joined.head
    for number, fresh, start, size in state.rows(_PIECES, (joined.path, joined.path)):
        if places:
            yield joined.between
            at += len(joined.between)
        piece = fresh if fresh is not None else _former(old, start, size)
        places.append((joined.path, number, at, len(piece)))
        at += len(piece)
        yield piece
    yield joined.tail


def _former(old: BinaryIO | None, start: int | None, size: int | None) -> bytes:
    if old is None or start is None or size is None:
        return b""
    old.seek(start)
    return old.read(size)

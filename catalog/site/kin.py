"""Tools of the same name on other servers, and servers that share many such names.

Within the tools of one name each is shown those that follow it, the last ones the first ones again: so a
tool stands on the pages of a few others only, and a change of it touches few pages.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final

from catalog.site.state import packed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from catalog.site.state import State

SHOWN: Final = 5  # tools on other servers, on a tool's page
SERVERS: Final = 5  # servers with similar tools, on a server's page
CROWD: Final = 400  # tools of one name; a name more common than that says nothing about kinship
COMPANY: Final = 60  # servers of one name; likewise for servers
_MEMBERS: Final = """SELECT tool.id, server.id, tool.fingerprint, tool.level, tool.category, tool.name, tool.slug, server.name,
 server.slug, tool.kin, tool.shown FROM tool JOIN server ON server.id = tool.server WHERE tool.key = ?
 ORDER BY server.fold, server.name, tool.level DESC, tool.name, tool.slug LIMIT ?"""


def relate(state: State, keys: Iterable[str]) -> set[int]:
    """Find the kin of all tools with these keys anew; gives the tools whose pages look different for it."""
    tools: set[int] = set()
    changes: list[tuple[Any, ...]] = []
    for key in keys:
        members = list(state.rows(_MEMBERS, (key, CROWD + 1)))
        for change in _related(members if key and len(members) <= CROWD else [], members):
            changes.append(change[:3])
            if change[3]:
                tools.add(change[2])
    state.many("UPDATE tool SET kin = ?, shown = ? WHERE id = ?", changes)
    return tools


def company(state: State, keys: Iterable[str]) -> set[int]:
    """All servers that have tools with these keys, as far as that says something."""
    found: set[int] = set()
    for key in keys:
        rows = _sharing(state, key)
        found.update(rows if len(rows) <= COMPANY + 1 else ())
    return found


def _sharing(state: State, key: str) -> list[int]:
    """Servers with tools of that key; more than `COMPANY` are not told apart from very many."""
    return [
        row[0]
        for row in state.rows("SELECT DISTINCT server FROM tool WHERE key = ? LIMIT ?", (key, COMPANY + 2))
    ]


def _related(group: Sequence[Any], members: Sequence[Any]) -> Iterator[tuple[str, bytes, int, bool]]:
    """What is to be kept for each member that is not kept already, and whether it shows."""
    places = {row[0]: at for at, row in enumerate(group)}
    many = len({row[1] for row in group}) > 1
    for row in members:
        chosen, left = _chosen(group, places[row[0]]) if many else ([], 0)
        kin = packed([[one[0] for one in chosen], left]) if chosen else ""
        seen = [(one[2] == row[2], *one[3:9]) for one in chosen]
        shown = blake2b(repr((seen, left)).encode(), digest_size=8).digest() if chosen else b""
        if kin != row[9] or shown != row[10]:
            yield kin, shown, row[0], shown != row[10]


def _chosen(group: Sequence[Any], at: int) -> tuple[list[Any], int]:
    """The kin of one member: those of an identical definition first; and how many are left out."""
    own = group[at]
    others = [one for one in (*group[at + 1 :], *group[:at]) if one[1] != own[1]]
    same = [one for one in others if one[2] == own[2]][:SHOWN]
    chosen = same + [one for one in others if one[2] != own[2]][: SHOWN - len(same)]
    return chosen, len(others) - len(chosen)


def acquaint(state: State, servers: Collection[int]) -> set[int]:
    """Find the servers that share the most names with each of these anew; gives those for whom they differ."""
    names: dict[str, list[int]] = {}
    changed = {}
    for number in servers:
        found = packed(_acquainted(state, number, names))
        if found != (state.one("SELECT kin FROM server WHERE id = ?", (number,)) or packed([])):
            changed[number] = found
    state.many("UPDATE server SET kin = ? WHERE id = ?", ((kin, number) for number, kin in changed.items()))
    return set(changed)


def _acquainted(state: State, number: int, names: dict[str, list[int]]) -> list[tuple[int, int, str]]:
    """Number, names in common and folder of each: a page that links to a server differs when that has moved."""
    shared: Counter[int] = Counter()
    for (key,) in state.rows("SELECT DISTINCT key FROM tool WHERE server = ? AND key <> ''", (number,)):
        if key not in names:
            names[key] = _sharing(state, key)
        if len(names[key]) <= COMPANY:
            shared.update(one for one in names[key] if one != number)
    folder = "SELECT slug FROM server WHERE id = ?"
    return [(one, count, state.one(folder, (one,))) for one, count in _best(state, shared)]


def _best(state: State, shared: Counter[int]) -> list[tuple[int, int]]:
    """The first few by number of names, then by name."""
    least = sorted(shared.values(), reverse=True)[:SERVERS][-1:]
    by_count: dict[int, list[tuple[bytes, int]]] = defaultdict(list)
    for one, count in shared.items():
        if count >= least[0]:
            by_count[count].append((state.one("SELECT name FROM server WHERE id = ?", (one,)), one))
    ordered = [(one, count) for count in sorted(by_count, reverse=True) for _, one in sorted(by_count[count])]
    return ordered[:SERVERS]


def unpacked(kin: str) -> tuple[list[int], int]:
    """Numbers of the kin, and how many more there are."""
    numbers, left = json.loads(kin) if kin else ([], 0)
    return numbers, left

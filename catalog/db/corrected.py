"""Labels in SQL as the corrections have them, so that filters, order and counts see what is shown."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, Literal

from sqlalchemy import ColumnElement, case, tuple_

from catalog.db.models import Definition, Label, Server
from classifier.types import Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.overrides.book import Overrides

_PORTION: Final = 500  # corrections in one condition; SQLite nests and binds only so much


def label_column(name: Literal["category", "risk"], overrides: Overrides) -> ColumnElement[str]:
    """Category or level of a label: the person's where there is one, else the classifier's.

    The query must have servers, definitions and labels in it.
    """
    own: ColumnElement[str] = getattr(Label, name)
    whens = [*_exact(name, overrides), *_anywhere(name, overrides)]
    return case(*whens, else_=own) if whens else own


def risk_rank(overrides: Overrides) -> ColumnElement[int]:
    """The rank of the level that holds, -1 for one that is none of ours."""
    risk = label_column("risk", overrides)
    return case(*((risk == level.value, level.rank) for level in Level), else_=-1)


def _exact(name: str, overrides: Overrides) -> Iterator[tuple[ColumnElement[bool], Any]]:
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for key, override in overrides.exact.items():
        groups[getattr(override, name)].append(key)
    for value, keys in groups.items():
        for start in range(0, len(keys), _PORTION):
            pairs = tuple_(Server.name, Definition.fingerprint)
            yield pairs.in_(keys[start : start + _PORTION]), str(value)


def _anywhere(name: str, overrides: Overrides) -> Iterator[tuple[ColumnElement[bool], Any]]:
    groups: dict[str, list[str]] = defaultdict(list)
    for fingerprint, override in overrides.anywhere.items():
        groups[getattr(override, name)].append(fingerprint)
    for value, fingerprints in groups.items():
        for start in range(0, len(fingerprints), _PORTION):
            yield Definition.fingerprint.in_(fingerprints[start : start + _PORTION]), str(value)

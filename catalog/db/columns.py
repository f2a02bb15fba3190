"""Column types that carry hostile text and aware times through SQLite and PostgreSQL alike."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import DateTime, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

# PostgreSQL refuses U+0000 in text, and neither engine takes a lone surrogate, which is no character.
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """Return the text with each character that no database takes replaced by U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


class StorableText(TypeDecorator[str]):
    """Text for looking up and showing; `storable` is applied on the way in, also to parameters.

    Ordered by code point on both engines, so that a listing is the same whatever a server's locale.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """PostgreSQL's order would be its locale's; SQLite's is by code point anyway."""
        return dialect.type_descriptor(Text(collation="C") if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Replace what cannot be stored."""
        del dialect
        return None if value is None else storable(value)


class Word(TypeDecorator[str]):
    """A value of one of our own enumerations, or another short word of ours."""

    impl = String(64)
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Strip the enumeration off its plain string."""
        del dialect
        return None if value is None else str(value)


class AsciiJson(TypeDecorator[Any]):
    """Any JSON value as ASCII text: lossless for NUL, lone surrogates and every other character.

    A JSON column type would refuse what a server may send; text with escapes keeps it exactly.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Write without spaces; the order of keys is kept, a schema's parameters are shown in it."""
        del dialect
        return None if value is None else json.dumps(value, ensure_ascii=True, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        """Read it back."""
        del dialect
        return None if value is None else json.loads(value)


class UtcTime(TypeDecorator[datetime]):
    """An aware time, in UTC in and out; SQLite, which keeps no zone, stores it as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn it to UTC."""
        del dialect
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

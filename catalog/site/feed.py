"""The Atom feed of changes (RFC 4287). Ids are those of the changes; addresses are whole where the site's is known."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

from catalog.site.drift_words import headline, label_line, reading_line, suspicion_line
from catalog.site.language import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from catalog.db.changes import Change
    from catalog.site.drift_views import ChangeView
    from catalog.site.made import Whole

_NAMESPACE: Final = uuid.UUID(
    "0d0a5a36-52f1-4f57-9a0e-6a9b2f5f7a10"
)  # of feeds without an address; any, but for ever
_NO_CRAWL: Final = "1970-01-01T00:00:00+00:00"  # an empty catalogue's feed must have a date as well


@dataclass(frozen=True, slots=True)
class Entry:
    """A change, as its page shows it, and where it stands, relative to the site's root."""

    change: Change
    view: ChangeView
    where: str


def feed(entries: Sequence[Entry], whole: Whole) -> str:
    """The feed of these changes, the newest first; as old as the newest crawl, whatever the clock says."""
    base, title, newest = whole.options.base_url, whole.options.title, whole.index.newest
    own = f"{base}feed.xml" if base else f"urn:uuid:{uuid.uuid5(_NAMESPACE, title)}"
    head = [
        '<?xml version="1.0" encoding="utf-8"?>',
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en">',
        f"<id>{escape(own)}</id>",
        f"<title>{escape(title)}: changes</title>",
        f"<updated>{_moment(newest) if newest else _NO_CRAWL}</updated>",
        f"<author><name>{escape(title)}</name></author>",
    ]
    if base:
        head.append(f'<link rel="self" type="application/atom+xml" href={quoteattr(own)}/>')
    page = quoteattr(f"{base or ''}changes/index.html")
    head.append(f'<link rel="alternate" type="text/html" href={page}/>')
    return "\n".join((*head, *(_entry(entry, base or "") for entry in entries), "</feed>")) + "\n"


def _entry(entry: Entry, base: str) -> str:
    change = entry.change
    lines = [
        f"<id>urn:uuid:{change.id}</id>",
        f"<title>{escape(plain(headline(change)))}</title>",
        f"<updated>{_moment(change.at)}</updated>",
        f'<link rel="alternate" type="text/html" href={quoteattr(base + entry.where)}/>',
        f"<category term={quoteattr(change.kind.value)}/>",
        f"<content>{escape(plain(' '.join(_sentences(entry))))}</content>",
    ]
    return f"<entry>{''.join(lines)}</entry>"


def _sentences(entry: Entry) -> Iterator[str]:
    yield headline(entry.change)
    change = entry.change
    said = (label_line(change), suspicion_line(change), reading_line(change))
    yield from (text for text in said if text)
    yield from (line.text for line in entry.view.lines)
    if entry.view.more:
        yield entry.view.more


def _moment(at: datetime) -> str:
    """RFC 3339."""
    return at.isoformat()

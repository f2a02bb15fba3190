"""Reads a page as a browser's parser would: links, anchors, texts, and whether every tag is closed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

VOID = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
LOADING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "object": "data"}
BLOCKS = frozenset(
    [
        "p",
        "li",
        "h1",
        "h2",
        "h3",
        "dt",
        "dd",
        "td",
        "th",
        "summary",
        "figcaption",
        "pre",
        "blockquote",
        "div",
        "section",
    ]
)


@dataclass
class Page(HTMLParser):
    """`loads` are addresses the browser fetches by itself; `links` those a reader may follow."""

    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    attributes: list[tuple[str, str, str]] = field(default_factory=list)
    open_tags: list[str] = field(default_factory=list)
    mismatched: list[str] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.attributes += [(tag, name, value) for name, value in values.items()]
        if tag == "a":
            self.links.append(values.get("href", ""))
        if tag == "link":
            (self.loads if values.get("rel") in ("stylesheet", "icon") else self.links).append(values["href"])
        if tag in LOADING and LOADING[tag] in values:
            self.loads.append(values[LOADING[tag]])
        if "id" in values:
            self.ids.append(values["id"])
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append(int(tag[1]))
        if tag in BLOCKS:
            self.pieces.append("\n")
        if tag == "code":
            self.codes.append("")
        if tag not in VOID:
            self.open_tags.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open_tags.pop()

    def handle_endtag(self, tag: str) -> None:
        if self.open_tags and self.open_tags[-1] == tag:
            self.open_tags.pop()
        else:
            self.mismatched.append(tag)
        if tag in BLOCKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if self.open_tags and self.open_tags[-1] not in ("script", "style"):
            self.pieces.append(data)
            if "code" in self.open_tags:
                self.codes[-1] += data

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    @property
    def lines(self) -> list[str]:
        return [" ".join(line.split()) for line in self.text.split("\n") if line.strip()]


def read(path: Path) -> Page:
    return parse(path.read_text(encoding="utf-8"))


def parse(text: str) -> Page:
    page = Page()
    page.feed(text)
    page.close()
    return page


def pages(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.rglob("*.html"))


def section(path: Path, name: str) -> Page:
    """The section of a page with this id."""
    text = path.read_text(encoding="utf-8")
    start = text.index(f'<section id="{name}">')
    return parse(
        text[start : text.index("</section>\n\n", start)]
        if "</section>\n\n" in text[start:]
        else text[start:]
    )

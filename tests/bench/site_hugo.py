"""The same site as Hugo would have it: what it renders from sources of its own, and what it copies.

A page has a Markdown file with the texts of its view, and one layout for all. The JSON twin beside a page is
rendered too, as a second output of the page, from the record in its front matter. All other files of the site
(policies, scripts, search, downloads) lie ready, and Hugo copies them. Nothing is highlighted or minified.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

from catalog.db.store import Store
from catalog.site import build, work
from catalog.site.folder import workshop
from catalog.site.made import Page
from catalog.site.pages import Pages
from catalog.site.views import SiteView

CONFIG = {
    "baseURL": "https://example.org/",
    "title": "Catalogue",
    "uglyURLs": True,
    "disableKinds": ["taxonomy", "term", "RSS", "sitemap", "home", "section", "404", "robotsTXT"],
    "markup": {"highlight": {"codeFences": False}},
}
TWIN = "{{ .Params.record | jsonify }}"


class _Sources(Pages):
    """Gives a page's source in place of the page."""

    def __init__(self, ready: Path, site: SiteView, base_url: str | None) -> None:
        super().__init__(site, base_url)
        self._ready = ready

    def render(self, made: Page) -> str:
        """Front matter and Markdown."""
        matter = {"title": made.about.title, "summary": made.about.summary}
        twin = _twin(self._ready / made.path)
        if twin.exists():
            matter |= {"outputs": ["html", "json"], "record": json.loads(twin.read_bytes())}
        return f"{json.dumps(matter)}\n\n{markdown(made.view)}"


def sources(store: Store, site: Path, folder: Path) -> int:
    """Write Hugo's sources of the site into `folder`; how many files it has to make of them or to copy."""
    (folder / "layouts/_default").mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    (folder / "layouts/_default/single.html").write_text(_layout((site / "404.html").read_text()))
    (folder / "layouts/_default/single.json").write_text(TWIN)
    work.Pages = partial(_Sources, site)  # type: ignore[misc,assignment]
    build._WORTH = sys.maxsize  # type: ignore[misc]  # no other process would know these sources
    build.build(store, folder / "content", build.BuildOptions(), lambda _done, _total: None)
    work.Pages = Pages  # type: ignore[misc]
    shutil.rmtree(workshop(folder / "content"))
    for path in _files(folder / "content"):
        if path.suffix == ".html":
            path.rename(path.with_name(f"{_name(path)}.md"))
        else:
            path.unlink()
    return _lay_ready(site, folder / "static")


def _lay_ready(site: Path, folder: Path) -> int:
    """Link what is no page and no twin into Hugo's folder of ready files; how many files there are in all."""
    count = 0
    for path in _files(site):
        count += 1
        if path.suffix == ".html" or (path.suffix == ".json" and path.with_suffix(".html").exists()):
            continue
        beside = folder / path.relative_to(site)
        beside.parent.mkdir(parents=True, exist_ok=True)
        os.link(path, beside)
    return count


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _twin(page: Path) -> Path:
    return page.with_suffix(".json")


def _name(page: Path) -> str:
    """The name of a folder's own page has a meaning for Hugo that is not meant here."""
    return "home" if page.stem == "index" else page.stem


def hugo(folder: Path, out: Path) -> None:
    """Let Hugo make the site."""
    shutil.rmtree(out, ignore_errors=True)
    subprocess.run(["hugo", "--quiet", "--source", str(folder), "--destination", str(out)], check=True)


def _layout(page: str) -> str:
    """Head and foot of our own pages around the content."""
    head, rest = page.split('<main id="main" class="wrap">')
    head = re.sub(r"<title>.*?</title>", "<title>{{ .Title }}</title>", head, flags=re.DOTALL)
    head = re.sub(r'(name="description" content=)".*?"', r'\1"{{ .Params.summary }}"', head)
    return head + '<main id="main" class="wrap">{{ .Content }}</main>' + rest.split("</main>")[1]


def markdown(view: object) -> str:
    """All texts of a view: a heading for each field, lists and tables for what is repeated."""
    if not dataclasses.is_dataclass(view):
        return ""
    parts = []
    for field in dataclasses.fields(view):
        value = getattr(view, field.name)
        if value not in ("", (), None, False):
            parts.append(f"## {field.name.replace('_', ' ').capitalize()}\n\n{_block(value)}")
    return "\n\n".join(parts) + "\n"


def _block(value: object) -> str:
    if isinstance(value, tuple):
        if value and all(dataclasses.is_dataclass(one) for one in value):
            return _table(value)
        return "\n".join(f"- {_inline(one)}" for one in value)
    if isinstance(value, str) and value.startswith("{"):
        return f"```json\n{value}\n```"
    if dataclasses.is_dataclass(value):
        return "\n\n".join(_block(getattr(value, field.name)) for field in dataclasses.fields(value))
    return _inline(value)


def _table(rows: tuple[object, ...]) -> str:
    names = [field.name for field in dataclasses.fields(rows[0])]  # type: ignore[arg-type]
    lines = ["| " + " | ".join(names) + " |", "|---" * len(names) + "|"]
    lines += ["| " + " | ".join(_inline(getattr(row, name)) for name in names) + " |" for row in rows]
    return "\n".join(lines)


def _inline(value: object) -> str:
    """On one line, code type as Markdown has it, addresses as links."""
    text = " ".join(str(value).split()).replace("\ue000", "`").replace("\ue001", "`").replace("|", "/")
    return f"[{text}]({text})" if text.endswith(".html") else text

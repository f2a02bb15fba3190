"""The same site as Hugo would have it: a Markdown file for each page with the texts of its view, and one layout."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
import subprocess
from pathlib import Path

from catalog.db.store import Store
from catalog.site import work
from catalog.site.build import BuildOptions, build
from catalog.site.folder import workshop
from catalog.site.made import Page
from catalog.site.pages import Pages

CONFIG = {
    "baseURL": "https://example.org/",
    "title": "Catalogue",
    "disableKinds": ["taxonomy", "term", "RSS", "sitemap", "home", "section", "404", "robotsTXT"],
}


class _Alone:
    """A catalogue that can only be gone through, so that this process makes all pages."""

    def __init__(self, store: Store) -> None:
        self.servers = store.servers


class _Sources(Pages):
    """Gives a page's source in place of the page."""

    def render(self, made: Page) -> str:
        """Front matter and Markdown."""
        matter = {"title": made.about.title, "summary": made.about.summary, "url": f"/{made.path}"}
        return f"{json.dumps(matter)}\n\n{markdown(made.view)}"


def sources(store: Store, site: Path, folder: Path) -> int:
    """Write Hugo's sources of the site into `folder`; how many pages there are."""
    (folder / "layouts/_default").mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(CONFIG))
    (folder / "layouts/_default/single.html").write_text(_layout((site / "404.html").read_text()))
    work.Pages = _Sources  # type: ignore[misc]
    build(_Alone(store), folder / "content", BuildOptions(), lambda _done, _total: None)
    work.Pages = Pages  # type: ignore[misc]
    shutil.rmtree(workshop(folder / "content"))
    count = 0
    for path in [path for path in (folder / "content").rglob("*") if path.is_file()]:
        if (
            path.suffix == ".html"
        ):  # the name of a folder's own page has a meaning for Hugo that is not meant here
            path.rename(path.with_name(f"{'home' if path.stem == 'index' else path.stem}.md"))
            count += 1
        else:
            path.unlink()
    return count


def hugo(folder: Path, out: Path) -> None:
    """Let Hugo make the pages."""
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

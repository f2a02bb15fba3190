"""The only place where the site makes markup out of text: everything is escaped before a tag is added."""

from __future__ import annotations

from markupsafe import Markup, escape

from catalog.site.language import CODE_END, CODE_START


def literal(text: str) -> Markup:
    """Text for the inside of an element, where quotation marks are no danger: a policy has hundreds of them."""
    return Markup(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))  # noqa: S704 - escaped here


def prose(text: str) -> Markup:
    """Running text as HTML: escaped, with the names that `language.code` wrapped in `<code>`."""
    escaped = str(escape(text))
    return Markup(escaped.replace(CODE_START, "<code>").replace(CODE_END, "</code>"))  # noqa: S704 - escaped above

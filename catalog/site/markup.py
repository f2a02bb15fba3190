"""The only place where the site makes markup out of text: everything is escaped before a tag is added."""

from __future__ import annotations

import re
from typing import Final

from markupsafe import Markup, escape

from catalog.site.language import CODE_END, CODE_START

_OPTION: Final = re.compile(r"(?<= )--?[a-z][a-z-]*")  # a line could end behind each of its dashes
_WHOLE: Final = r'<span class="whole">\g<0></span>'
_SPECIAL: Final = re.compile("[&<>\"']")


def escaped(value: object) -> str:
    """Anything as text for HTML; markup is left alone, and so is text that has nothing to escape."""
    if type(value) is Markup or (type(value) is str and not _SPECIAL.search(value)):
        return value
    return str(escape(value))


def literal(text: str) -> Markup:
    """Text for the inside of an element, where quotation marks are no danger: a policy has hundreds of them."""
    return Markup(text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))  # noqa: S704 - escaped here


def prose(text: str) -> Markup:
    """Running text as HTML: escaped, with the names that `language.code` wrapped in `<code>`."""
    return Markup(escaped(text).replace(CODE_START, "<code>").replace(CODE_END, "</code>"))  # noqa: S704 - escaped


def command(text: str) -> Markup:
    """A command line as HTML: escaped, and no option parted from its dashes where a line ends."""
    return Markup(_OPTION.sub(_WHOLE, escaped(text)))  # noqa: S704 - escaped here

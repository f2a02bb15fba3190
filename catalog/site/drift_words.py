"""What changed, in words: a headline for each change, a sentence for each difference, and one for the label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from catalog.db.changes import ChangeKind
from catalog.db.difference import Part
from catalog.site.language import code, counted, sentence
from catalog.visible import one_line
from classifier.types import Provenance

if TYPE_CHECKING:
    from catalog.db.changes import Change, Stated
    from catalog.db.difference import Difference

KIND_WORD: Final = {
    ChangeKind.SERVER_ADDED: "New server",
    ChangeKind.SERVER_REMOVED: "Server gone",
    ChangeKind.SERVER_RETURNED: "Server back",
    ChangeKind.TOOL_ADDED: "New tool",
    ChangeKind.TOOL_REMOVED: "Tool gone",
    ChangeKind.TOOL_CHANGED: "Changed tool",
}
READ_WORD: Final = {
    Provenance.LIVE: "the running server",
    Provenance.LIVE_REMOTE: "the remote server",
    Provenance.SNAPSHOT: "a saved list of tools",
    Provenance.SOURCE: "its source code",
    Provenance.MANIFEST: "its manifest",
    Provenance.BUNDLED: "the bundled index",
    Provenance.GIVEN: "definitions that were handed in",
}
_VALUE: Final = 80  # characters of a value
_NAME: Final = 60
_TEXT: Final = {Part.TITLE: "title", Part.DESCRIPTION: "description"}
_NOUN: Final = {Part.PARAMETER: "parameter", Part.ANSWER: "answer field", Part.ANNOTATION: "annotation"}
_WHOLE: Final = {Part.PARAMETER: "the input schema", Part.ANSWER: "the output schema"}


def headline(change: Change) -> str:
    """One sentence that names server and tool."""
    server, tools = code(change.server, _NAME), counted(change.tools, "tool")
    tool = code(change.tool or "", _NAME)
    return {
        ChangeKind.SERVER_ADDED: f"{server} is new, with {tools}.",
        ChangeKind.SERVER_REMOVED: f"{server} lists no tools any more; it had {tools}.",
        ChangeKind.SERVER_RETURNED: f"{server} lists tools again: {tools}.",
        ChangeKind.TOOL_ADDED: f"{tool} is new on {server}.",
        ChangeKind.TOOL_REMOVED: f"{tool} is gone from {server}.",
        ChangeKind.TOOL_CHANGED: f"{tool} on {server} has another definition.",
    }[change.kind]


def label_words(stated: Stated | None) -> str:
    """`Destructive, Critical`; what is not classified yet says so."""
    if stated is None or stated.classification is None:
        return "not classified yet"
    return f"{stated.classification.category}, {stated.classification.risk}"


def label_line(change: Change) -> str:
    """What became of the label; "" for a change of a server."""
    if change.before is None and change.after is None:
        return ""
    if change.after is not None and change.after.classification is None:
        return "It is not classified yet."
    if change.before is None:
        return sentence(f"Its label: {label_words(change.after)}")
    if change.after is None:
        return sentence(f"Its label was {label_words(change.before)}")
    was, now = label_words(change.before), label_words(change.after)
    return sentence(
        f"Its label is {was}, as before" if was == now else f"Its label was {was}, and is {now} now"
    )


def reading_line(change: Change) -> str:
    """Said aloud where the definition was read in another way than before; "" otherwise."""
    if not change.read_differently or change.before is None or change.after is None:
        return ""
    was, now = (READ_WORD[one.definition.provenance] for one in (change.before, change.after))
    return sentence(
        f"It was read from {was} before and from {now} this time, so the server need not have changed"
    )


def suspicion_line(change: Change) -> str:
    """Suspicious text that was not there before; "" for none."""
    titles = list(dict.fromkeys(one.title for one in change.suspicious))
    before = " that was not there before" if change.before else ""
    return sentence(f"Its definition holds suspicious text{before}: {'; '.join(titles)}") if titles else ""


def difference_line(one: Difference) -> str:
    """One sentence for one difference."""
    if one.part in _TEXT:
        return _text_line(f"the {_TEXT[one.part]}", one)
    if not one.name:
        return sentence(
            _value_line(f"{code(one.aspect, _NAME)} of {_WHOLE.get(one.part, 'the definition')}", one)
        )
    subject = f"{_NOUN[one.part]} {code(one.name, _NAME)}"
    if one.aspect == "description":
        return _text_line(f"the description of {subject}", one)
    return sentence(_member_line(subject, one))


def brief(one: Difference) -> str:
    """A few characters for a table: `description`, `+amount`, `-force`, `id: string → integer`."""
    if one.part in _TEXT:
        return _TEXT[one.part]
    name = one_line(one.name or one.part.value, 40)
    if not one.aspect and one.part is not Part.ANNOTATION:
        return f"+{name}" if one.before is None else f"-{name}"
    aspect = one_line(one.aspect, 40)
    label = name if one.aspect in ("", "type") else f"{name} {aspect}"
    if one.aspect == "description":
        return label
    return f"{label}: {one_line(one.before or 'none', 40)} → {one_line(one.after or 'none', 40)}"


def _member_line(subject: str, one: Difference) -> str:
    """Of a parameter, a field of the answer or an annotation."""
    if not one.aspect:
        return _whole_line(subject, one)
    if one.aspect == "required":
        return f"{subject} is {'required' if one.after == 'yes' else 'optional'} now"
    if one.aspect == "type":
        return f"{subject} is now {_value(one.after)}; it was {_value(one.before)}"
    return _value_line(f"{code(one.aspect, _NAME)} of {subject}", one)


def _text_line(subject: str, one: Difference) -> str:
    """Of a text; the words themselves stand below."""
    if one.before is None:
        return sentence(f"{subject} is new")
    return sentence(f"{subject} {'is gone' if one.after is None else 'reads differently'}")


def _whole_line(subject: str, one: Difference) -> str:
    if one.part is Part.ANNOTATION:
        return _value_line(subject, one)
    if one.before is None:
        return f"{subject} is new: {_value(one.after)}"
    return f"{subject} is gone; it was {_value(one.before)}"


def _value_line(subject: str, one: Difference) -> str:
    if one.before is None:
        return f"{subject} is new: {code(one.after or '', _VALUE)}"
    if one.after is None:
        return f"{subject} is gone; it was {code(one.before, _VALUE)}"
    return f"{subject} is {code(one.after, _VALUE)} now; it was {code(one.before, _VALUE)}"


def _value(text: str | None) -> str:
    return one_line(text or "", _VALUE)

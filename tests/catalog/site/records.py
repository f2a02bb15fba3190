"""Records of every kind: each category, level, basis, effect, modifier, annotation and parameter, and odd and hostile names."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from types import ModuleType

from catalog.overrides.correction import apply
from catalog.records import Override, ServerEntry, ToolEntry
from catalog.site.words import MODIFIERS
from classifier.classify import Classifier
from classifier.lexicon import FAMILY_OF
from classifier.types import Category, Classification, Level, Modifier, Provenance, ToolDefinition

VERBS = sorted(verb for verb in FAMILY_OF if verb.isascii())
THINGS = (
    "job", "invoice", "issue", "API key", "user", "hourly report", "entry", "data", "unit", "SQL query", "X-ray", "xgroup",
    "list of files", "details of an order", "status", "URL", "children", "news", "analysis", "one-time code", "European site",
    "honest review", "MCP server", "box", "class", "umbrella", "JSON", "event", "NFT", "HTML page", "person", "matrix", "history",
)  # fmt: skip
HOSTILE = (
    "../../etc/passwd", "con", "a/b", "💥 party", "Search", "</script><script>alert(1)</script>", "*", "index", "\u202egnp.exe",
    "new\nline", "quote\"'><img src=x onerror=alert(1)>", "\ud800", "{{ 7*7 }}", "nul\x00byte", "ends.", "why?", "a", "`tick`",
    "“quoted”", "100%", "and", "取得する", "список_задач", "x" * 60, "__proto__", "get__", "DELETE", "--help", "$(reboot)", "a b", "…",
)  # fmt: skip
TEXTS = (
    "{says} the {thing}.", "{says} {thing}", "{says} the {thing}..", "{says} a {thing} for you, or an old one; see below: it helps.",
    "This tool allows you to {verb} the {thing}. Cannot be undone!", "{verb} {thing} (beta)", "", "  \n", "...", "{thing}?", "!!!",
    "Use this to {verb}, list or delete the {thing}.\n\nArgs:\n  name: which {thing}", "Returns: {thing}", "{thing} {thing} {thing}",
    "Moves to trash; restore it within 30 days. {says} every {thing} at once.", "<b>{says}</b> &amp; the {thing} \u202e.", "{verb}",
    "{says} the {thing} with full access to the host's shell.", "取得する", "{says} the {thing} and sends an email to anybody.",
)  # fmt: skip
PARAMETERS = (
    "{thing}_id", "id", "name", "command", "sql", "url", "path", "force", "amount", "currency", "to", "recipient", "reason", "limit",
    "api_key", "time_in_force", "valid", "with space", "__proto__", "a.b", "*", "", "x" * 80, "“q”", "取", "</td>", "{thing}Name",
)  # fmt: skip
SHAPES: Sequence[object] = (
    {"type": "string"}, {"type": "number", "maximum": 50}, {"type": "integer"}, {"type": "boolean"}, {"enum": ["a", "b"]}, True, None,
    {"type": "array", "items": {"type": "string"}, "description": "Which ones"}, {"type": ["string", "null"]}, {"description": "Said. Twice.."},
    {"type": "string", "enum": ["EUR", "USD"], "description": "The currency: one of two"}, {"anyOf": [{"type": "string"}, {"type": "null"}]},
)  # fmt: skip
HINTS = ("readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint", "strangeHint")
PACKAGES = (
    "pypi:loom-mcp",
    "npm:@loom/mcp",
    "https://loom.example.org/mcp",
    "loom-server",
    None,
    "pypi:$(reboot)",
    "npm:a b",
)


def records(generated: ModuleType, classifier: Classifier, seed: int) -> ServerEntry:
    """One server with some tools; every other one is labelled by the classifier, the others by chance."""
    chance = random.Random(seed)
    hostile = [name for name in HOSTILE if name not in ("a", "and", "a b")]  # in a footer these read as words
    server = chance.choice((*generated.SERVERS, *hostile))
    tools = {tool.definition.name: tool for tool in _tools(generated, classifier, server, chance)}
    entry = generated.entry(server, tuple(tools.values()))
    return replace(
        entry,
        package=chance.choice(PACKAGES),
        package_version=chance.choice((None, "1.2.3")),
        notes=chance.choice(((), ("needs Python >=3.12: started with Python 3.12.1",), ("written for MCP SDK 1: started with mcp 1.9 (`mcp<2`)",))),
        provenance=chance.choice((Provenance.LIVE, Provenance.SNAPSHOT, Provenance.BUNDLED, None)),
    )  # fmt: skip


def _tools(
    generated: ModuleType, classifier: Classifier, server: str, chance: random.Random
) -> Iterator[ToolEntry]:
    for number in range(chance.choice((1, 2, 3, 5, 9))):
        definition = _definition(server, chance)
        label = classifier.classify(definition) if number % 2 else _label(generated, definition, chance)
        entry = generated.tool(server, chance)
        made = replace(entry, definition=definition, classification=label)
        yield _corrected(made) if chance.random() < 0.1 else made


def _definition(server: str, chance: random.Random) -> ToolDefinition:
    verb, thing = chance.choice(VERBS), chance.choice(THINGS)
    says = f"{verb.title()}s"
    name = (
        f"{verb}_{thing.replace(' ', '_')}"
        if chance.random() < 0.7
        else chance.choice((*HOSTILE, verb, f"{thing}-{verb}"))
    )
    text = chance.choice(TEXTS).format(says=says, verb=verb, thing=thing) if chance.random() < 0.8 else None
    return ToolDefinition(
        server=server,
        name=name,
        title=chance.choice((None, None, f"{verb.title()} {thing}", "", "Title. With stop.")),
        description=text,
        description_unread=text is None and chance.random() < 0.2,
        input_schema=_schema(thing, chance),
        output_schema=chance.choice((None, None, {"properties": {"result": {}, "a. b": {}}}, {"properties": {}})),
        annotations={hint: chance.random() < 0.5 for hint in HINTS if chance.random() < 0.5} or None,
        provenance=chance.choice((Provenance.LIVE, Provenance.BUNDLED)),
    )  # fmt: skip


def _schema(thing: str, chance: random.Random) -> dict[str, object] | None:
    if chance.random() < 0.1:
        return None
    names = [
        name.format(thing=thing)
        for name in chance.sample(PARAMETERS, chance.choice((0, 1, 1, 2, 3, 5, 9, 20)))
    ]
    properties = {name: chance.choice(SHAPES) for name in names}
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in names if chance.random() < 0.4],
    }


def _label(generated: ModuleType, definition: ToolDefinition, chance: random.Random) -> Classification:
    category, level = chance.choice(list(Category)), chance.choice(list(Level))
    label: Classification = generated.classification(definition, (category, level), (), chance)
    others = chance.sample(list(Category)[:5], chance.choice((0, 0, 1, 2)))
    chosen = chance.sample(sorted(MODIFIERS), chance.choice((0, 0, 1, 2, 5)))
    return replace(
        label,
        effects=tuple(dict.fromkeys((category, *others))),
        modifiers=tuple(Modifier(name, chance.choice((-1, 0, 1)), label.evidence[0]) for name in chosen),
    )


def _corrected(tool: ToolEntry) -> ToolEntry:
    """The same with a person's word in place of the classifier's."""
    label = tool.classification
    who = Override(
        tool.server, tool.definition.name, tool.definition.fingerprint, label.category, label.risk,
        "it was tried", "A. Person", date(2026, 11, 2),
    )  # fmt: skip
    corrected = apply(tool.definition, label, who)
    return replace(tool, classification=corrected, override=who, overruled=label)

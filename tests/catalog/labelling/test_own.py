"""Labels out of one's own catalogue (issue 3, point 2: `catalog train --from-catalog`)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

from catalog.labelling.own import own_labels
from catalog.labelling.reference import Label
from catalog.overrides.correction import apply
from catalog.records import Outcome, Override, ServerEntry, ToolEntry
from classifier.classify import Classifier
from classifier.types import Category, Level, Provenance, ToolDefinition

DAY = datetime(2026, 11, 25, tzinfo=UTC)


def tool(
    classifier: Classifier, name: str, correction: Category | None = None, server: str = "jobs"
) -> ToolEntry:
    definition = ToolDefinition(server, name, description=f"{name.replace('_', ' ').capitalize()}.")
    entry = ToolEntry(server, definition, classifier.classify(definition), DAY, DAY)
    if correction is None:
        return entry
    override = Override(
        server,
        name,
        definition.fingerprint,
        correction,
        Level.CRITICAL,
        "as I know it",
        "Ada",
        date(2026, 11, 25),
    )
    label = apply(definition, entry.classification, override)
    return replace(entry, classification=label, override=override, overruled=entry.classification)


def server(*tools: ToolEntry, name: str = "jobs") -> ServerEntry:
    return ServerEntry(
        name=name, title=None, repository=None, package=None, package_version=None, protocol_version=None, source="saved",
        provenance=Provenance.GIVEN, outcome=Outcome.OK, reason="", next_step="", notes=(), unread=(), isolation="",
        crawled_at=DAY, listed_at=DAY, tools=tools,
    )  # fmt: skip


def shipped(entry: ToolEntry, category: str = "Write", group: str = "workflows") -> Label:
    name, fingerprint = entry.definition.name, entry.definition.fingerprint
    fields = {
        "category": category,
        "risk": "Medium",
        "effects": [category],
        "group": group,
        "source": "published",
    }
    return Label(1, "published", "elsewhere", name, fingerprint, None, fields)


def test_a_correction_goes_before_a_shipped_label(classifier: Classifier) -> None:
    corrected, known, unknown = (
        tool(classifier, "cancel_job", Category.DESTRUCTIVE),
        tool(classifier, "rename_job"),
        tool(classifier, "list_jobs"),
    )
    found = own_labels([server(corrected, known, unknown)], [shipped(corrected), shipped(known)])
    assert (found.corrected, found.shipped) == (1, 1)
    assert {row.definition.name: row.category.value for row in found.rows} == {
        "cancel_job": "Destructive",
        "rename_job": "Write",
    }


def test_a_servers_corrections_stay_with_the_group_of_its_shipped_labels(classifier: Classifier) -> None:
    """Folds are dealt by group: a server in two of them would be measured on what it was trained on."""
    corrected, known = tool(classifier, "cancel_job", Category.DESTRUCTIVE), tool(classifier, "rename_job")
    lonely = tool(classifier, "drop_it", Category.DESTRUCTIVE, server="other")
    found = own_labels([server(corrected, known), server(lonely, name="other")], [shipped(known)])
    assert {row.definition.name: row.group for row in found.rows} == {
        "cancel_job": "workflows",
        "rename_job": "workflows",
        "drop_it": "other",
    }


def test_a_definition_on_two_servers_is_one_label(classifier: Classifier) -> None:
    """Codebook rule 15; a correction on either server is the one that counts."""
    first, second = (
        tool(classifier, "rename_job"),
        tool(classifier, "rename_job", Category.DESTRUCTIVE, "other"),
    )
    for order in (
        [server(first), server(second, name="other")],
        [server(second, name="other"), server(first)],
    ):
        found = own_labels(order, [shipped(first)])
        assert [row.category.value for row in found.rows] == ["Destructive"]
        assert (found.corrected, found.shipped) == (1, 0)

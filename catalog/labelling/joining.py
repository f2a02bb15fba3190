"""Joining labels with definitions again: every definition that is joined has the label's fingerprint."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from catalog.labelling.candidates import Unreadable, candidates, parts
from catalog.labelling.reference import FileReference
from classifier.types import ToolDefinition

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from catalog.labelling.fetching import Fetched
    from catalog.labelling.reference import Label, PackageReference
    from catalog.records import CrawlResult


class State(StrEnum):
    """What became of a label.

    CHANGED: its source was read, and has another definition under that name. MISSING: its source was
    read, and has no tool of that name. UNREAD: its source is of a kind that cannot be read. UNREACHED:
    its source could not be fetched, or was not asked for.
    """

    JOINED = "joined"
    CHANGED = "changed"
    MISSING = "missing"
    UNREAD = "unread"
    UNREACHED = "unreached"


@dataclass(slots=True)
class Join:
    """Labels on their way to their definitions. `reasons`: why a source gave nothing, by its reference."""

    labels: Sequence[Label]
    definitions: dict[str, ToolDefinition] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """A label of a name alone needs no source: the name is in the label."""
        for label in self.labels:
            self._take(ToolDefinition(label.server, label.tool), {label.fingerprint})

    @property
    def waiting(self) -> list[Label]:
        """Labels without a definition yet, in their order."""
        return [label for label in self.labels if label.fingerprint not in self.definitions]

    def offer(self, definitions: Iterable[ToolDefinition]) -> int:
        """Take the definitions that a waiting label is of; gives how many."""
        wanted = {label.fingerprint for label in self.waiting}
        return sum(self._take(definition, wanted) for definition in definitions)

    def _take(self, definition: ToolDefinition, wanted: set[str]) -> bool:
        if definition.fingerprint not in wanted or definition.fingerprint in self.definitions:
            return False
        self.definitions[definition.fingerprint] = definition
        return True

    def files(self) -> list[FileReference]:
        """The files that waiting labels refer to, each once, in a fixed order."""
        named = {label.reference for label in self.waiting}
        return sorted((one for one in named if isinstance(one, FileReference)), key=lambda one: one.url)

    def read(self, fetched: Fetched) -> None:
        """Look for the labels of one file in what was fetched, and note what became of them."""
        labels = [label for label in self.waiting if label.reference == fetched.reference]
        if fetched.data is None:
            self._note(labels, State.UNREACHED, fetched.reason)
            return
        try:
            found = list(candidates(fetched.reference.path, fetched.data, {label.tool for label in labels}))
        except Unreadable as error:
            self._note(labels, State.UNREAD, str(error))
            return
        self.offer(found)
        self._judge(labels, {definition.name for definition in found})

    def crawled(self, reference: PackageReference, result: CrawlResult) -> None:
        """Look for the labels of one package among what its server lists, and note what became of them."""
        labels = [label for label in self.waiting if label.reference == reference]
        if not result.definitions:
            self._note(labels, State.UNREACHED, result.reason)
            return
        wanted = {label.tool for label in labels}
        for definition in result.definitions:
            if definition.name in wanted:
                self.offer(parts(definition.body()))
        self._judge(labels, {definition.name for definition in result.definitions})

    def _judge(self, labels: Iterable[Label], names: set[str]) -> None:
        """Whoever still waits although its source was read: the tool has changed there, or is gone."""
        for label in labels:
            if label.fingerprint not in self.definitions:
                self.states[label.fingerprint] = State.CHANGED if label.tool in names else State.MISSING

    def _note(self, labels: Iterable[Label], state: State, reason: str) -> None:
        for label in labels:
            self.states[label.fingerprint] = state
            self.reasons[label.ref or ""] = reason

    def state(self, label: Label) -> State:
        """What became of a label so far."""
        if label.fingerprint in self.definitions:
            return State.JOINED
        return self.states.get(label.fingerprint, State.UNREACHED)

    def by_source(self) -> Mapping[str, Counter[State]]:
        """How many labels of each source came to what, by name of the source."""
        counted: dict[str, Counter[State]] = defaultdict(Counter)
        for label in self.labels:
            counted[label.source][self.state(label)] += 1
        return dict(sorted(counted.items()))

    def rows(self) -> Iterable[dict[str, Any]]:
        """The joined labels in their order: the label's fields and the definition's, as `catalog train` reads them."""
        for label in self.labels:
            definition = self.definitions.get(label.fingerprint)
            if definition is not None:
                known = {
                    key: value for key, value in label.fields.items() if key not in ("tool", "fingerprint")
                }
                yield {**known, **definition.body(), "fingerprint": label.fingerprint}

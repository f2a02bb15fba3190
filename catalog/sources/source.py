"""What a crawl source is: a small class with one method, one line in the tuple of `target.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from catalog.records import ServerRecord


class Source(Protocol):
    """Turns one kind of target into records.

    `id` names the source in `ServerRecord.source`; `form` says in a few words what its targets
    look like, for help texts and hints.
    """

    id: ClassVar[str]
    form: ClassVar[str]

    def records(self, target: str) -> tuple[ServerRecord, ...] | None:
        """The servers that `target` stands for, or None when it is not of this source's kind.

        Raises:
            UsageError: the target is of this kind, but cannot be read or understood.

        """
        ...

"""One remark of the lint."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Severity(StrEnum):
    """How bad a finding is: the policy is wrong, probably not meant so, or good to know."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Finding:
    """One remark on a policy, at a JSON pointer and a line (0 where the policy was not read from text)."""

    severity: Severity
    pointer: str
    line: int
    message: str
    hint: str = ""


class Remark(NamedTuple):
    """A finding before its line is known."""

    severity: Severity
    pointer: str
    message: str
    hint: str = ""

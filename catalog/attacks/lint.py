"""What every attack must keep to: honest references, whole sentences, names that exist, policies that do what is claimed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from catalog.attacks.attack import OWASP, TOOL
from catalog.attacks.source import FOLDER, AttackFile, InvalidAttacks, Problem, read_file
from catalog.policy.call import Call
from catalog.policy.check import check
from catalog.policy.conditions import pattern
from catalog.policy.finding import Severity
from catalog.policy.grammar import InvalidPolicy, parse
from catalog.policy.trial import in_words, try_call
from classifier.labels import MODIFIERS
from classifier.rules import RULES
from classifier.types import ToolDefinition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from catalog.attacks.attack import Claim, Incident, Match
    from catalog.policy.decision import Decision
    from catalog.policy.model import Policy

LONGEST: Final = 460  # characters of one text; a page is read in passing
FEWEST_STEPS: Final = 3
_ID: Final = re.compile(r"[a-z]+(-[a-z]+)*\Z")
_CVE: Final = re.compile(r"CVE-(\d{4})-\d{4,}")
_SENTENCES: Final = re.compile(r"\A[^a-z\s].*[.?!”)]\Z", re.DOTALL)
_SLIPS: Final = re.compile(r"\.\.|,,|  |\s[.,;:?!]|\b(\w+) \1\b")
_LOCAL: Final = frozenset(rule.argues_for for rule in RULES if rule.category is None)
_RULES: Final = frozenset(rule.id for rule in RULES)
_MOMENT: Final = datetime(2026, 1, 1, tzinfo=UTC)  # for policies that expire; none here does


def lint(folder: Path = FOLDER) -> tuple[Problem, ...]:
    """Every problem in every file of a folder, by file and line; none means that the pages can be made."""
    problems: list[Problem] = []
    titles: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            file = read_file(path)
        except InvalidAttacks as error:
            problems += error.problems
            continue
        for check_part in _CHECKS:
            problems += check_part(file)
        if file.attack.title in titles:
            problems.append(file.problem(f"the title is that of {titles[file.attack.title]} too", "title"))
        titles[file.attack.title] = file.name
    return tuple(sorted(problems, key=lambda problem: (problem.file, problem.line)))


def _shape(file: AttackFile) -> Iterator[Problem]:
    attack = file.attack
    if f"{attack.id}.yaml" != file.name or not _ID.match(attack.id):
        yield file.problem("the id must be the file's name: lower-case words with hyphens", "id")
    if len(attack.steps) < FEWEST_STEPS:
        yield file.problem(f"at least {FEWEST_STEPS} steps are needed", "steps")
    for key in ("owasp", "matches", "incidents", "detect", "stops", "leaves"):
        if not getattr(attack, key):
            yield file.problem("at least one entry is needed", key)
    for at, key in enumerate(attack.owasp):
        if key not in OWASP:
            yield file.problem(f"the OWASP MCP Top 10 has no {key}", "owasp", at)


def _texts(file: AttackFile) -> Iterator[Problem]:
    attack = file.attack
    single: list[tuple[str, tuple[str | int, ...]]] = [
        (attack.summary, ("summary",)), (attack.needs, ("needs",)), (attack.policy.says, ("policy", "says")),
    ]  # fmt: skip
    single += [(match.because, ("matches", at, "because")) for at, match in enumerate(attack.matches)]
    single += [(one.text, ("incidents", at, "text")) for at, one in enumerate(attack.incidents)]
    for key in ("steps", "detect", "stops", "leaves"):
        single += [(text, (key, at)) for at, text in enumerate(getattr(attack, key))]
    seen: set[str] = set()
    for text, steps in single:
        if not _SENTENCES.match(text.removeprefix(TOOL) if text.startswith(TOOL) else text):
            yield file.problem("a text begins with a capital and ends with a stop", *steps)
        if slip := _SLIPS.search(text):
            yield file.problem(f"a slip of the pen: {slip[0]!r}", *steps)
        if len(text) > LONGEST:
            yield file.problem(f"{len(text)} characters, and {LONGEST} is the most", *steps)
        if text in seen:
            yield file.problem("this text stands on the page already", *steps)
        seen.add(text)


def _matches(file: AttackFile) -> Iterator[Problem]:
    for at, match in enumerate(file.attack.matches):
        where = ("matches", at)
        if TOOL not in match.because:
            yield file.problem(f"the sentence does not name the tool ({TOOL})", *where, "because")
        if not 1 <= match.weight <= 9:
            yield file.problem("a weight is from 1 to 9", *where, "weight")
        yield from _names(file, match, where)
        if not (match.suspicious or match.categories or match.effects or match.modifiers or match.rules):
            yield file.problem("a match needs more than words of a name", *where)


def _names(file: AttackFile, match: Match, where: tuple[str | int, ...]) -> Iterator[Problem]:
    known: tuple[tuple[str, frozenset[str]], ...] = (
        ("modifiers", MODIFIERS | _LOCAL), ("unless", MODIFIERS | _LOCAL), ("rules", _RULES),
    )  # fmt: skip
    for key, names in known:
        for name in getattr(match, key):
            if name not in names:
                yield file.problem(f"no such name: {name}", *where, key)


def _incidents(file: AttackFile) -> Iterator[Problem]:
    for at, one in enumerate(file.attack.incidents):
        where = ("incidents", at)
        if not one.url.startswith("https://"):
            yield file.problem("the address must begin with https://", *where, "url")
        yield from (file.problem(message, *where, key) for key, message in _numbers(one))


def _numbers(one: Incident) -> Iterator[tuple[str, str]]:
    """A CVE's number, date and address must belong together."""
    cited = _CVE.search(one.reference)
    if cited is None:
        if "CVE" in one.reference:
            yield "reference", "no CVE number is written like this"
        return
    if int(cited[1]) > one.day.year:
        yield "day", f"{cited[0]} cannot be older than its number"
    if cited[0] not in one.url:
        yield "url", f"the address must be that of {cited[0]}"


def _policy(file: AttackFile) -> Iterator[Problem]:
    try:
        policy = parse(file.attack.policy.document, file.name)
    except InvalidPolicy as error:
        yield from (
            file.problem(f"policy {it.pointer}: {it.message}", "policy", "document") for it in error.problems
        )
        return
    for finding in check(policy, now=_MOMENT):
        if finding.severity is not Severity.INFO:
            yield file.problem(f"policy {finding.pointer}: {finding.message}", "policy", "document")
    verdicts = {claim.expect for claim in file.attack.policy.calls}
    if len(verdicts) < 2:
        yield file.problem("show one call that passes and one that does not", "policy", "calls")
    for at, claim in enumerate(file.attack.policy.calls):
        problem = _kept(policy, claim)
        if problem:
            yield file.problem(problem, "policy", "calls", at)


def _kept(policy: Policy, claim: Claim) -> str:
    """What is otherwise than claimed, "" when nothing is."""
    decision = judged(policy, claim)
    if decision.verdict is not claim.expect:
        return f"{claim.expect} is claimed, and the policy says {in_words(decision)}"
    if (claim.answer is None) is not (claim.shown is None):
        return "an answer needs what is shown of it"
    if claim.answer is not None and redacted(decision, claim.answer) != claim.shown:
        return f"of the answer the agent is shown {redacted(decision, claim.answer)!r}"
    return ""


def judged(policy: Policy, claim: Claim) -> Decision:
    """The decision about a claimed call."""
    call = Call(
        tool=claim.tool,
        arguments=_exact(claim.arguments or {}),
        at=_MOMENT,
        definition=ToolDefinition("", claim.tool, description=claim.description),
        approved=claim.approved,
    )
    return try_call(policy, call, claim.used or {})


def redacted(decision: Decision, answer: str) -> str:
    """What the policy lets through of an answer."""
    for text in decision.results.redact if decision.results else ():
        answer = pattern(text).sub("[redacted]", answer)
    return answer


def _exact(value: Any) -> Any:
    """Numbers as the judge takes them: never binary fractions."""
    if isinstance(value, dict):
        return {key: _exact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_exact(item) for item in value]
    return Decimal(str(value)) if isinstance(value, float) else value


_CHECKS: Final[tuple[Callable[[AttackFile], Iterable[Problem]], ...]] = (
    _shape, _texts, _matches, _incidents, _policy,
)  # fmt: skip

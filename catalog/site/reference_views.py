"""What the templates of attacks, rules and disagreements see; texts are ready to be shown, as in `catalog.site.views`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catalog.site.views import FactView, PagerView, RowView


@dataclass(frozen=True, slots=True)
class AttackCardView:
    """An attack on a tool's page: why this tool, and the incident that shows it."""

    title: str
    where: str
    because: str
    incident: str


@dataclass(frozen=True, slots=True)
class AttackToolsView:
    """An attack on a server's page: the tools that it fits, the first of them as rows."""

    title: str
    where: str
    tools: tuple[RowView, ...]
    more: str


@dataclass(frozen=True, slots=True)
class AttackEntryView:
    """An attack in the list of all."""

    title: str
    where: str
    summary: str
    incident: str
    fits: str


@dataclass(frozen=True, slots=True)
class AttacksView:
    """The list of all attacks."""

    entries: tuple[AttackEntryView, ...]
    note: str


@dataclass(frozen=True, slots=True)
class IncidentView:
    """Something that happened, with its day in words and as a date."""

    name: str
    text: str
    dated: str
    day: str
    day_iso: str
    reference: str
    url: str


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A call, what the policy makes of it, and what is shown of its answer ("" without one)."""

    words: str
    call: str
    decision: str
    slug: str
    answer: str
    shown: str


@dataclass(frozen=True, slots=True)
class NeedView:
    """One kind of tool that the attack needs: categories as badges, and the rest in words."""

    categories: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True)
class AttackView:
    """Everything on the page of one attack."""

    title: str
    summary: str
    owasp: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]
    needs: str
    kinds: tuple[NeedView, ...]
    incidents: tuple[IncidentView, ...]
    detect: tuple[str, ...]
    policy: str
    policy_version: str
    policy_says: str
    calls: tuple[DecisionView, ...]
    stops: tuple[str, ...]
    leaves: tuple[str, ...]
    fits: str
    tools: tuple[RowView, ...]


@dataclass(frozen=True, slots=True)
class RuleEntryView:
    """A rule in the list of all: how many tools here it fired on, how often the final answer agreed."""

    id: str
    title: str
    where: str
    fired: str
    agreed: str


@dataclass(frozen=True, slots=True)
class RuleGroupView:
    """Rules that argue for the same category, or that move the level the same way."""

    heading: str
    category: str
    entries: tuple[RuleEntryView, ...]


@dataclass(frozen=True, slots=True)
class RulesView:
    """The list of all rules; `measured` where something was counted on labelled definitions."""

    version: str
    count: str
    measured: bool
    groups: tuple[RuleGroupView, ...]


@dataclass(frozen=True, slots=True)
class ExampleView:
    """A definition in short, on which a rule fires or does not."""

    name: str
    description: str
    parameters: str


@dataclass(frozen=True, slots=True)
class RuleView:
    """Everything on the page of one rule. `category` is "" where it argues for a signal, which is then `signal`.

    `tie_breaks`: the rationale names some of the codebook's by their numbers.
    """

    id: str
    title: str
    rationale: str
    tie_breaks: bool
    category: str
    signal: str
    effect: str
    facts: tuple[FactView, ...]
    positive: tuple[ExampleView, ...]
    negative: tuple[ExampleView, ...]
    measured: tuple[str, ...]
    fired: str
    tools: tuple[RowView, ...]


@dataclass(frozen=True, slots=True)
class DisagreementView:
    """A tool whose annotations contradict our label."""

    name: str
    where: str
    hint: str
    claim: str
    level: str
    category: str


@dataclass(frozen=True, slots=True)
class DisagreeingView:
    """A server, and its tools of one direction or both."""

    name: str
    where: str
    less: tuple[DisagreementView, ...]
    more: tuple[DisagreementView, ...]


@dataclass(frozen=True, slots=True)
class DisagreementsView:
    """A page of the disagreements; `totals` are figure and word."""

    totals: tuple[tuple[str, str], ...]
    servers: tuple[DisagreeingView, ...]
    pager: PagerView

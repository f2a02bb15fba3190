"""What templates see: frozen values in which every text is ready to be shown.

Texts are plain strings; the templates escape them. Server text has been made visible, running text
holds code type as `language.code` wraps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catalog.site.drift_views import ChangeView, HistoryView
    from catalog.site.parameters import Parameter
    from catalog.site.reference_views import AttackCardView, AttackToolsView


@dataclass(frozen=True, slots=True)
class SiteView:
    """What stands on every page. `as_of` is the newest crawl in the data, not the clock."""

    title: str
    version: str
    count: str
    as_of: str
    as_of_iso: str


@dataclass(frozen=True, slots=True)
class PageView:
    """One page: `root` is the relative way to the site's root (`../../` or ``).

    `as_of` is the day of its data where that is not the newest crawl of all.
    """

    title: str
    summary: str
    root: str
    canonical: str | None = None
    twin: str | None = None
    section: str = ""
    as_of: str = ""
    as_of_iso: str = ""


@dataclass(frozen=True, slots=True)
class RowView:
    """A tool in a table. `where` is the address from this page; server fields only across servers."""

    name: str
    where: str
    level: str
    category: str
    confidence: str
    action: str
    gist: str = ""
    server: str = ""
    server_where: str = ""


@dataclass(frozen=True, slots=True)
class QuoteView:
    """Evidence: the words, the field they stand in, who used them, and the page of that rule ("" for none)."""

    excerpt: str
    field: str
    source: str
    rule: str


@dataclass(frozen=True, slots=True)
class SignalView:
    """A modifier: its word, what it does to the level, why it matters, its quotation, the page of its rule."""

    word: str
    direction: str
    why: str
    excerpt: str
    field: str
    rule: str


@dataclass(frozen=True, slots=True)
class ClaimView:
    """One annotation: the hint's name and what the server claims by it."""

    hint: str
    claim: str


@dataclass(frozen=True, slots=True)
class FindingView:
    """Suspicious text: what it is and why it matters (both "" after the first of a kind), the words, their field."""

    title: str
    excerpt: str
    field: str
    why: str


@dataclass(frozen=True, slots=True)
class PolicyView:
    """A policy document as text, the address that saves it (a file or a `data:` address), and what it does.

    `version` is the grammar's; `says` are sentences.
    """

    version: str
    text: str
    download: str
    file_name: str
    says: str


@dataclass(frozen=True, slots=True)
class EnforceView:
    """Command lines that put a server behind its policy.

    `classify` makes the server known first, "" where nothing but the definitions is known. `gateway` starts it;
    `open_ended` says that its own start line is still to be filled in.
    """

    classify: str
    export: str
    gateway: str
    wrap: str
    open_ended: bool


@dataclass(frozen=True, slots=True)
class QuestionView:
    """A question with its answer, and a policy where that is the answer."""

    asked: str
    answer: str
    policy: str


@dataclass(frozen=True, slots=True)
class SegmentView:
    """A stretch of a distribution bar, on a scale of 1,000, and its words."""

    word: str
    slug: str
    count: str
    share: str
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class ToolView:
    """Everything on a tool page, in the page's own order."""

    name: str
    title: str
    server: str
    level: str
    category: str
    gist: str
    confidence: str
    doubtful: bool
    correction: str
    basis: str
    action: str
    first_seen: str
    first_seen_iso: str
    last_seen: str
    last_seen_iso: str
    fingerprint: str
    location: str
    description: str
    description_note: str
    does: str
    parameters: tuple[Parameter, ...]
    parameters_more: str
    why: str
    sure: str
    quotes: tuple[QuoteView, ...]
    quotes_note: str
    findings: tuple[FindingView, ...]
    findings_more: str
    signals: tuple[SignalView, ...]
    signals_more: str
    claims: tuple[ClaimView, ...]
    claims_note: str
    attacks: tuple[AttackCardView, ...]
    policies: tuple[PolicyView, ...]
    policy_effect: str
    enforce: EnforceView
    builder: str
    siblings: tuple[RowView, ...]
    siblings_more: str
    safest: str
    elsewhere: tuple[RowView, ...]
    elsewhere_more: str
    questions: tuple[QuestionView, ...]
    history: HistoryView
    report: str
    footer: str


@dataclass(frozen=True, slots=True)
class FactView:
    """A line of a record card."""

    name: str
    value: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class LegView:
    """One of the three things that are dangerous together, and the tools that do it."""

    name: str
    tools: tuple[RowView, ...]
    more: str


@dataclass(frozen=True, slots=True)
class ScoreView:
    """A line of the grade's sum: what it is for, the tools it comes from, its points."""

    part: str
    words: str
    tools: tuple[RowView, ...]
    more: str
    points: str


@dataclass(frozen=True, slots=True)
class ServerView:
    """Everything on a server page."""

    name: str
    title: str
    grade: str
    grade_sum: str
    scores: tuple[ScoreView, ...]
    steps: str
    summary: tuple[str, ...]
    facts: tuple[FactView, ...]
    notes: tuple[str, ...]
    warning: str
    levels: tuple[SegmentView, ...]
    categories: tuple[SegmentView, ...]
    rows: tuple[RowView, ...]
    policies: tuple[PolicyView, ...]
    policy_effect: tuple[str, ...]
    enforce: EnforceView
    builder: str
    weight: tuple[str, ...]
    legs: tuple[LegView, ...]
    legs_notes: tuple[str, ...]
    attacks: tuple[AttackToolsView, ...]
    suspicious: tuple[tuple[RowView, str], ...]
    conflicts: tuple[tuple[RowView, str], ...]
    kin: tuple[FactView, ...]
    questions: tuple[QuestionView, ...]
    footer: str
    drift: tuple[ChangeView, ...] = ()
    drift_note: str = ""


@dataclass(frozen=True, slots=True)
class PagerView:
    """Where a page stands among its siblings; never a silent end."""

    caption: str
    pages: tuple[tuple[str, str], ...]
    current: str
    previous: str
    following: str


@dataclass(frozen=True, slots=True)
class ListingView:
    """A page of a level or a category."""

    kind: str
    word: str
    gist: str
    meaning: tuple[str, ...]
    total: str
    treatment: tuple[tuple[str, str, str], ...]
    spread: tuple[SegmentView, ...]
    spread_name: str
    busiest: tuple[FactView, ...]
    rows: tuple[RowView, ...]
    pager: PagerView
    attacks: tuple[FactView, ...] = ()


@dataclass(frozen=True, slots=True)
class ServerRowView:
    """A server in a table."""

    name: str
    where: str
    title: str
    grade: str
    tools: str
    counts: tuple[tuple[str, str], ...]
    listed: str


@dataclass(frozen=True, slots=True)
class ServersView:
    """A page of the list of servers."""

    rows: tuple[ServerRowView, ...]
    total: str
    pager: PagerView


@dataclass(frozen=True, slots=True)
class MatrixRowView:
    """One category across all levels."""

    category: str
    cells: tuple[tuple[str, str], ...]
    total: str


@dataclass(frozen=True, slots=True)
class HomeView:
    """The first page."""

    totals: tuple[tuple[str, str, str], ...]
    levels: tuple[SegmentView, ...]
    matrix: tuple[MatrixRowView, ...]
    riskiest: tuple[RowView, ...]
    newest: tuple[RowView, ...]
    newest_day: str
    servers: tuple[ServerRowView, ...]
    servers_more: str
    uncovered: str
    latest: tuple[ChangeView, ...] = ()


@dataclass(frozen=True, slots=True)
class CardView:
    """One level or category on an overview page."""

    word: str
    where: str
    gist: str
    total: str
    meaning: str


@dataclass(frozen=True, slots=True)
class OverviewView:
    """All levels or all categories: `kind` is the class of their badges, `lv` or `cat`."""

    kind: str
    heading: str
    lead: str
    cards: tuple[CardView, ...]


@dataclass(frozen=True, slots=True)
class FailureView:
    """A server that gave nothing or not everything."""

    name: str
    where: str
    outcome: str
    reason: str
    next_step: str
    unread: tuple[str, ...]
    crawled: str


@dataclass(frozen=True, slots=True)
class CoverageView:
    """The page of what could not be read."""

    rows: tuple[FailureView, ...]
    outcomes: tuple[tuple[str, str], ...]
    summary: str

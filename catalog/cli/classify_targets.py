"""`catalog classify TARGET…`: resolve, crawl, store, classify, show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing

from catalog.cli import summary
from catalog.cli.collecting import collect
from catalog.cli.requests import Presentation, Request
from catalog.cli.tools import ClassifiedTool, print_tools, risk_order
from catalog.db.store import Store
from catalog.overrides.book import NO_OVERRIDES, Overrides
from catalog.records import CrawlResult
from catalog.sources.target import resolve
from classifier.classify import Classifier
from classifier.definition import name_only as without_texts


def classify_targets(request: Request, classifier: Classifier, presentation: Presentation) -> None:
    """Crawl the targets, store what they gave, and show their tools, riskiest first.

    With `name_only` the table shows what the names alone say; what is stored is the whole label. People's
    corrections are of whole definitions: they are shown without `name_only`, and never stored.
    """
    records = resolve(request.targets, request.command)
    with closing(Store.open(request.db)) as store:
        results = collect(records, store, classifier, request.options, request.jobs).results
        overrides = NO_OVERRIDES if request.name_only else store.overrides
    summary.remarks(results)
    found = _classified(results, classifier, overrides, name_only=request.name_only)
    tools = sorted(found, key=risk_order)
    summary.require_tools(results)
    print_tools(tools, presentation.form, presentation.out)
    summary.after_classify(results, tools, name_only=request.name_only)
    summary.exit_code(results, tools, fail_on=presentation.fail_on, strict=presentation.strict)


def _classified(
    results: Sequence[CrawlResult], classifier: Classifier, overrides: Overrides, *, name_only: bool
) -> Iterator[ClassifiedTool]:
    tools = [(result.record.name, d) for result in results for d in result.definitions]
    seen = [without_texts(d) if name_only else d for _, d in tools]
    for (server, definition), found in zip(tools, classifier.classify_many(seen), strict=True):
        yield ClassifiedTool(definition, overrides.correct(server, definition, found).classification)

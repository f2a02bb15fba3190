"""`make bench`: each benchmark in a process of its own, ratios against a baseline of the same run."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.table import Table

from tests.bench.measure import in_own_process

NAMES = ("crawl", "classify", "site", "ledger", "gateway", "gateway_http")


def main(wanted: list[str]) -> None:
    """Run the named benchmarks, or all, and print a row for each figure."""
    console = Console()
    for name in wanted or NAMES:
        result = in_own_process(name)
        table = Table(title=result.pop("title"), title_justify="left", box=None, show_header=False)
        for label, figure in result.items():
            table.add_row(label, str(figure))
        console.print(table)
        console.print()


if __name__ == "__main__":
    main(sys.argv[1:])

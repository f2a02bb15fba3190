"""`make bench-site`: the site of ever larger catalogues, beside Hugo with the same files in the same run.

Sizes are given as arguments (1000 10000 100000 where there are none). Everything lies in one temporary folder;
with TMPDIR=/dev/shm the disk has no part in it.
"""

from __future__ import annotations

import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from rich.console import Console

from catalog.db.store import Store
from tests.bench.measure import in_own_process
from tests.bench.site_catalogue import change, fill, servers
from tests.bench.site_hugo import hugo, sources
from tests.bench.site_search import first_hits

SIZES = (1_000, 10_000, 100_000)
HUGO_UP_TO = 100_000  # tools; it keeps all pages in memory
CHANGED = 0.01


def main(sizes: list[int]) -> None:
    """Print each figure as soon as it is known."""
    console = Console(highlight=False)
    for size in sizes or SIZES:
        console.print(f"[bold]Site of {size:,} tools")
        for label, figure in measured(size):
            console.print(f"{label:<50}  {figure}")
        console.print()


def measured(size: int) -> Iterator[tuple[str, Any]]:
    """Everything about one size, figure by figure."""
    with tempfile.TemporaryDirectory(prefix="bench-site-") as temporary:
        folder = Path(temporary)
        url, site = f"sqlite:///{folder}/catalogue.sqlite3", folder / "site"
        with closing(Store.open(url)) as store:
            fill(store, servers(size))
            full = in_own_process("site_build", url, str(site))
            yield from _full(full, site).items()
            yield from first_hits(site).items()
            nothing = in_own_process("site_build", url, str(site))
            yield "build without a change, s", round(nothing["seconds"], 2)
            changed = change(store, size, CHANGED)
            some = in_own_process("site_build", url, str(site))
            share, effort = some["seconds"] / full["seconds"], some["work"] / full["work"]
            yield f"build after {changed:,} tools changed, s", round(some["seconds"], 2)
            yield (
                "as a share of a full one, in time and in work",
                f"{share:.1%}, {effort:.1%} ({some['written']:,} pages written)",
            )
            yield from _beside_hugo(store, folder, full, size).items()


def _full(full: dict[str, Any], site: Path) -> dict[str, Any]:
    return {
        "pages": f"{full['written']:,}",
        "full build, s": round(full["seconds"], 1),
        "pages a second": round(full["written"] / full["seconds"]),
        "peak memory of the largest process, MiB": full["MiB"],
        "on disk, MB": round(_size(site) / 1e6),
        "of it for the search, MB": round(_size(site / "data/search") / 1e6, 1),
    }


def _beside_hugo(store: Store, folder: Path, full: dict[str, Any], size: int) -> dict[str, Any]:
    if shutil.which("hugo") is None or size > HUGO_UP_TO:
        return {}
    files = sources(store, folder / "site", folder / "hugo")
    began, worked = time.perf_counter(), _worked()
    hugo(folder / "hugo", folder / "public")
    seconds, effort = time.perf_counter() - began, _worked() - worked
    made = sum(path.is_file() for path in (folder / "public").rglob("*"))
    shutil.rmtree(folder / "hugo")
    shutil.rmtree(folder / "public")
    return {
        "Hugo with the same files, s": f"{seconds:.1f} ({made:,} of {files:,} files)",
        "our time as a share of Hugo's": f"{full['seconds'] / seconds:.2f}",
        "processor time, ours and Hugo's, s": f"{full['work']:.1f}, {effort:.1f} (share {full['work'] / effort:.2f})",
    }


def _worked() -> float:
    """Processor seconds of all ended child processes."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main([int(one) for one in sys.argv[1:]])

"""One build of a site in a process of its own, so that its memory can be told."""

from __future__ import annotations

import json
import resource
import sys
from contextlib import closing
from pathlib import Path

from catalog.db.store import Store
from catalog.site.build import BuildOptions, build


def main() -> None:
    """Build what the database (first argument) holds into the folder (second) and print seconds, pages and MiB."""
    with closing(Store.open(sys.argv[1])) as store:
        report = build(
            store, Path(sys.argv[2]), BuildOptions(base_url="https://example.org/"), lambda _d, _t: None
        )
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    result = {
        "seconds": report.seconds,
        "work": sum(one.ru_utime + one.ru_stime for one in used),
        "written": report.written,
        "unchanged": report.unchanged,
        "MiB": round(max(one.ru_maxrss for one in used) / 1024),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()

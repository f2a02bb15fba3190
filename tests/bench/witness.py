"""`mcp-witness`, a rule-only lexicon classifier, on the tools of a file; run in its own environment.

Its package is called `classifier` as ours is, so nothing of ours may be imported here.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from classifier import classify_tool  # type: ignore[attr-defined]  # theirs

WARM = 1_000


def main() -> None:
    """Print the processor seconds for all tools of the file, after a first `WARM` of them."""
    tools = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    for tool in tools[:WARM]:
        classify_tool(tool)
    begin = time.process_time()
    for tool in tools:
        classify_tool(tool)
    sys.stdout.write(json.dumps(time.process_time() - begin))


if __name__ == "__main__":
    main()

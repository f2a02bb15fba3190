"""The options of a crawl, as the probe takes them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from catalog.probe.limits import Limits, ProbeOptions, Sandbox


def probe_options(sandbox: Sandbox, timeout: float, *, allow_network: bool) -> ProbeOptions:
    """The probe's options from what was typed; the first answer never waits longer than the whole.

    `CATALOG_ENVIRONMENTS` names a folder in which prepared environments are kept for the next crawl.
    """
    limits = Limits()
    limits = replace(limits, total=timeout, first_answer=min(limits.first_answer, timeout))
    kept = os.environ.get("CATALOG_ENVIRONMENTS")
    return ProbeOptions(
        limits=limits,
        sandbox=sandbox,
        allow_network=allow_network,
        environments=Path(kept) if kept else None,
    )

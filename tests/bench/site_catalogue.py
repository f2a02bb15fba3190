"""Generated catalogues of any size, written into a database: servers and tools as they are found, in our own words.

The sizes of servers and the sharing of names are uneven, as they are in life: most servers have a handful of
tools, a few have hundreds, and plain names such as `list_files` come again on many servers.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from catalog.db.store import Store
from catalog.model import load_classifier
from catalog.records import CrawlResult, Outcome, ServerRecord
from classifier.types import Provenance, ToolDefinition
from tests.bench.definitions import DETAILS, OBJECTS, TYPES, VERBS

TOP_TOOLS, TOP_SERVERS = 500_000, 43_000
FIELDS = (
    "alpine", "amber", "basil", "beacon", "birch", "cedar", "cobalt", "coral", "delta", "ember", "fjord", "garnet", "harbour", "heron", "indigo",
    "juniper", "kestrel", "lagoon", "larch", "maple", "meadow", "nimbus", "onyx", "opal", "orchid", "pebble", "pine", "quartz", "raven", "river",
    "saffron", "sierra", "sparrow", "summit", "tidal", "topaz", "umber", "violet", "willow", "zephyr",
)  # fmt: skip
TRADES = ("billing", "calendar", "chat", "crm", "deploy", "docs", "files", "forms", "gallery", "games", "grid", "health", "hiring", "hosting",
          "index", "jobs", "ledger", "library", "mail", "maps", "media", "metrics", "music", "notes", "orders", "parcels", "queue", "reports",
          "search", "secrets", "shop", "signals", "storage", "survey", "tables", "tasks", "tickets", "travel", "vault", "weather")  # fmt: skip
QUALIFIERS = (
    "archived",
    "daily",
    "draft",
    "expired",
    "failed",
    "internal",
    "monthly",
    "open",
    "pending",
    "public",
    "recent",
    "shared",
    "stale",
)
PURPOSES = (
    "for one workspace",
    "of the signed-in account",
    "by its identifier",
    "that match a filter",
    "in the chosen project",
    "for a given day",
)
PARAMETERS = (
    "id",
    "name",
    "limit",
    "cursor",
    "force",
    "query",
    "amount",
    "recipient",
    "path",
    "since",
    "labels",
    "dry_run",
    "url",
    "format",
)


def servers(tools: int, *, wording: int = 0) -> Iterator[tuple[ToolDefinition, ...]]:
    """The tools of one server after another, `tools` in all; another `wording` gives the same names other texts."""
    dice = random.Random(20261125)
    wanted = max(1, round(tools * TOP_SERVERS / TOP_TOOLS))
    left = tools
    for number in range(wanted):
        most = left - (wanted - number - 1)
        size = most if number == wanted - 1 else min(most, max(1, round(dice.lognormvariate(1.9, 0.95))))
        name = f"{FIELDS[number % 40]}-{TRADES[number // 40 % 40]}" + (
            f"-{number // 1600}" if number >= 1600 else ""
        )
        yield _tools(name, size, random.Random(number), random.Random(number * 7 + wording))
        left -= size


def _tools(server: str, size: int, dice: random.Random, texts: random.Random) -> tuple[ToolDefinition, ...]:
    found: dict[str, ToolDefinition] = {}
    while len(found) < size:
        verb, thing = dice.choice(list(VERBS)), dice.choice(OBJECTS)
        qualifier = f"{dice.choice(QUALIFIERS)}_" if dice.random() < 0.45 else ""
        name = f"{verb}_{qualifier}{thing}" + (f"_{len(found)}" if len(found) > 90 else "")
        found.setdefault(name, _definition(server, name, (verb, qualifier + thing), texts))
    return tuple(found.values())


def _definition(server: str, name: str, act: tuple[str, str], dice: random.Random) -> ToolDefinition:
    what = f"{VERBS[act[0]]} the {act[1].replace('_', ' ')} {dice.choice(PURPOSES)}."
    details = dice.sample(DETAILS, dice.randint(0, 4))
    names = dice.sample(PARAMETERS, dice.randint(1, 6))
    properties = {
        one: {"type": dice.choice(TYPES), "description": f"The {one} {dice.choice(PURPOSES)}."}
        for one in names
    }
    return ToolDefinition(
        server=server,
        name=name,
        description=None if dice.random() < 0.1 else " ".join([what, *details]),
        input_schema={"type": "object", "properties": properties, "required": names[:1]},
    )


def fill(store: Store, listed: Iterator[tuple[ToolDefinition, ...]]) -> None:
    """Record these servers as one crawl, classified."""
    classifier = load_classifier()
    crawl = store.begin_crawl(["bench"])
    for tools in listed:
        record = ServerRecord(tools[0].server, "bench")
        store.record(crawl, CrawlResult(record, Outcome.OK, definitions=tools, provenance=Provenance.LIVE))
        store.save_classifications(classifier.version, classifier.classify_many(tools))
    store.end_crawl(crawl)


def change(store: Store, tools: int, share: float) -> int:
    """Crawl servers again, each with all texts worded anew, until that share of all tools has changed; how many."""
    wanted, chosen, count = round(tools * share), [], 0
    step = max(1, round(1 / share) - 1)
    for number, found in enumerate(servers(tools, wording=1)):
        if number % step == 0 and count < wanted:
            chosen.append(found)
            count += len(found)
    fill(store, iter(chosen))
    return count

"""What the site says about each category, level, modifier, outcome and other fixed word of the catalogue.

Tables only. The meanings are those of the labelling codebook (docs/codebook.md).
"""

from __future__ import annotations

from typing import Final

from catalog.records import Outcome
from classifier.types import Action, Basis, Category, Level, Provenance

ALL_LEVELS: Final = (Level.CRITICAL, Level.HIGH, Level.MEDIUM, Level.LOW, Level.UNKNOWN)  # worst first
ALL_CATEGORIES: Final = (
    Category.FINANCIAL,
    Category.DESTRUCTIVE,
    Category.EXECUTE,
    Category.WRITE,
    Category.READ,
    Category.UNKNOWN,
)

BASE_LEVEL: Final = {
    Category.READ: Level.LOW,
    Category.WRITE: Level.MEDIUM,
    Category.EXECUTE: Level.HIGH,
    Category.DESTRUCTIVE: Level.CRITICAL,
    Category.FINANCIAL: Level.CRITICAL,
}

CATEGORY_GIST: Final = {
    Category.READ: "looks, and leaves everything as it was",
    Category.WRITE: "creates or changes records in a way that can be put back",
    Category.EXECUTE: "makes something run, stop or move, or reaches an outside party",
    Category.DESTRUCTIVE: "removes, ends or replaces something with no stated way back",
    Category.FINANCIAL: "moves money, binds someone to pay, or changes what will be paid",
    Category.UNKNOWN: "cannot be told from the definition",
}
CATEGORY_MEANING: Final = {
    Category.READ: (
        "Listing, searching, fetching, computing and checking are Read, and so is a report or a query that is limited to reading.",
        "What makes one worth a rule is not what it does but what it may return: secrets, personal data in bulk, or the text of a stranger.",
    ),
    Category.WRITE: (
        "Saving a file, editing an issue, archiving, moving to trash, labelling, commenting and granting access are all Write.",
        "Replacing a whole content stays Write as well, one level up, because the old content is lost on the way.",
    ),
    Category.EXECUTE: (
        "It may be code, a command, a deployment, a click, a device, or a message that nobody can call back.",
        "Its effect depends on what is started more than on the call, so a definition alone can only say how open the door is.",
    ),
    Category.DESTRUCTIVE: (
        "Deleting, wiping, revoking and uninstalling are Destructive, and so is cancelling a running job: the work it had done is lost.",
        "A removal that says how to recover is Write, not Destructive.",
    ),
    Category.FINANCIAL: (
        "Charging, refunding, ordering, trading, and setting a price or a budget are all of this kind.",
        "Reading invoices or summing amounts is not Financial; sending the invoice, placing the order or ending the subscription is.",
    ),
    Category.UNKNOWN: (
        "An unknown tool is treated as the worst one: it is never allowed until somebody has read it.",
    ),
}

LEVEL_GIST: Final = {
    Level.LOW: "a stray call weighs little",
    Level.MEDIUM: "a stray call leaves a trace that can be tidied up",
    Level.HIGH: "a stray call is noticed by others, or hard to take back",
    Level.CRITICAL: "a stray call cannot be undone, or costs money",
    Level.UNKNOWN: "nobody can tell what a stray call does",
}
LEVEL_MEANING: Final = {
    Level.LOW: "Tools at this level look, compute or touch nothing but their own session. Most of what an agent does all day belongs here.",
    Level.MEDIUM: "Tools at this level change something that can be changed back, or read from places the agent itself chooses. "
    "One call is no drama; a loop of them is.",
    Level.HIGH: "Tools at this level start things, reach people, replace contents or open doors. "
    "A mistake is seen outside before anybody inside notices.",
    Level.CRITICAL: "Tools at this level end, remove or pay, or run whatever they are handed. "
    "There is one chance to get such a call right, and it comes before the call.",
    Level.UNKNOWN: "Tools at this level could not be judged from their definitions. They are denied until somebody has looked.",
}
LEVEL_ORDINAL: Final = {
    Level.LOW: "the lowest of the four levels",
    Level.MEDIUM: "the second of the four levels",
    Level.HIGH: "the third of the four levels",
    Level.CRITICAL: "the highest of the four levels",
    Level.UNKNOWN: "outside the four levels, and treated as the worst",
}

ACTION_WORD: Final = {
    Action.ALLOW: "Allow",
    Action.LIMIT: "Limit",
    Action.APPROVE: "Ask a person",
    Action.HIDE: "Hide",
    Action.DENY: "Deny",
}
# What a tool gets; `{rate}` is where the number of calls goes.
ACTION_MEANING: Final = {
    Action.ALLOW: "may be called freely",
    Action.LIMIT: "may be called {rate}",
    Action.APPROVE: "should wait for a person at each call; a version 1 policy refuses it instead",
    Action.HIDE: "is taken off the agent's list, and refused when called",
    Action.DENY: "is refused",
}
ENFORCED: Final = {
    **ACTION_MEANING,
    Action.APPROVE: "is refused by that file, which is of version 1 and cannot ask a person; one made with {version} asks",
}  # the same under an exported document

BASIS_WORD: Final = {
    Basis.TEXT: "its description",
    Basis.SCHEMA: "its name and parameters",
    Basis.NAME: "its name only",
}

# What a modifier is called, and why it matters. `{}` is nothing here: no sentence depends on a tool.
MODIFIERS: Final[dict[str, tuple[str, str]]] = {
    "bulk": ("many at once", "one call reaches many records"),
    "overwrites": ("overwrites", "the old content is replaced, not kept beside the new"),
    "secrets_out": ("returns secrets", "what comes back can open other doors"),
    "secrets_in": ("takes secrets", "a credential passes through the agent's hands"),
    "host_shell": (
        "runs on the host",
        "whatever it is handed runs with the rights of the server's own process",
    ),
    "shared_infra": ("shared infrastructure", "others work on what it touches"),
    "access_change": ("changes access", "somebody can afterwards do what they could not do before"),
    "ssrf": ("fetches any address", "the caller chooses where the request goes, inside the network too"),
    "public": ("visible to the world", "what it puts out can be read by anybody"),
    "recurring": ("repeats by itself", "the effect goes on after the call is over"),
    "sensitive": ("sensitive data", "personal, health or money data is involved in bulk"),
    "host_files": ("files on the host", "names a path on the machine where the server runs"),
    "comms": ("reaches people", "somebody reads what the agent wrote"),
    "spends": ("costs something", "each call uses up credit or computing time"),
    "sandboxed": ("sandboxed", "what runs is kept apart from the host"),
    "simulated": ("simulated", "nothing real is touched"),
    "draft": ("draft only", "a later step has to commit it"),
    "dry_run_default": ("dry run by default", "it only shows what it would do unless told otherwise"),
    "named_delete": ("names a removal", "a delete or a drop is among what it can be told to run"),
    "hosted_model": ("a hosted model", "an outside model does the work and leaves no record behind"),
    "money_terms": ("terms of money", "it sets what will be paid; a later step moves the money"),
    "own_session": ("own session", "only the state of this session is touched"),
    "undo_stated": ("a way back is stated", "the definition says how to undo it"),
    "confirm_token": ("needs a confirmation", "a token from an earlier step has to be given"),
    "bounded_amount": ("bounded amount", "the definition caps how much one call can move"),
    "small_object": ("a small thing", "what is lost or changed weighs little"),
}
DIRECTION_WORD: Final = {1: "raises", -1: "lowers", 0: "noted"}

OUTCOME_WORD: Final = {
    Outcome.OK: "gave tools",
    Outcome.NO_TOOLS: "has no tools",
    Outcome.NEEDS_CREDENTIALS: "needs credentials",
    Outcome.NEEDS_ARGUMENTS: "needs arguments",
    Outcome.INSTALL_FAILED: "could not be installed",
    Outcome.START_FAILED: "did not start",
    Outcome.TIMEOUT: "did not answer in time",
    Outcome.PROTOCOL_ERROR: "answered against the protocol",
    Outcome.REFUSED_LIMITS: "went over the limits",
    Outcome.UNREACHABLE: "could not be reached",
    Outcome.UNSUPPORTED: "cannot be started here",
    Outcome.DELETED: "was withdrawn",
}
PROVENANCE_WORD: Final = {
    Provenance.LIVE: "started here and asked for its tools",
    Provenance.LIVE_REMOTE: "asked over the network for its tools",
    Provenance.SNAPSHOT: "read from a saved list of tools",
    Provenance.SOURCE: "read from its source code, without running it",
    Provenance.MANIFEST: "read from its manifest",
    Provenance.BUNDLED: "taken from the bundled index: names, parameters and annotations only",
    Provenance.GIVEN: "taken from definitions that were handed in",
}

HINTS: Final = {
    "readOnlyHint": ("only reads", "may change things"),
    "destructiveHint": ("may destroy", "does not destroy"),
    "idempotentHint": ("may be repeated safely", "may not be repeated safely"),
    "openWorldHint": ("reaches outside its own system", "stays within its own system"),
}

# Confidence from which a phrase holds; the figure always stands beside it.
CONFIDENCE_PHRASES: Final = (
    (0.95, "almost certain"),
    (0.85, "very likely"),
    (0.7, "likely"),
    (0.5, "more likely than not"),
    (0.0, "a guess"),
)

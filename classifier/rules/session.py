"""What counts as touching only the caller's own session (codebook, tie-break 23)."""

from __future__ import annotations

from typing import Final

from classifier.rules.execute_outside import OUTSIDE
from classifier.rules.rule import act, any_of, but_not, name_pattern, text, words_in_name

_OPENS: Final = next(rule.matcher for rule in OUTSIDE if rule.id == "opens-a-session")
# Playing, stepping, looking around: verbs that a program shares, done to what only this session shows.
_DRIVES_ITSELF: Final = any_of(
    act(
        "navigate",
        "hover",
        "scroll",
        "resize",
        "wait",
        "switch",
        "go",
        "zoom",
        "maximize",
        "minimize",
        "focus",
        "skip",
        "pause",
        "play",
        "step",
        "seek",
        "goto",
        "refresh",
        "reload",
        "back",
        objects=r"^$|\b(page|pages|browser|url|tab|tabs|window|viewport|history|element|frame|iframe|track|song|playback|music|playlist|clip|video|audio|sound|line|back|forward|next|previous|mouse|screen|debugger|database|buffer|view|camera|function|functions|program execution)\b",
    ),
    act(
        "start",
        "stop",
        "resume",
        objects=r"\b(playback|playing|music|capturing|recording|screen recording|log capture|performance trace|active performance trace|screencast|active screencast|active search|oauth|authentication flow)\b",
    ),
    act(
        "create",
        "start",
        "launch",
        "initialize",
        "open",
        "close",
        "end",
        "stop",
        "connect",
        "disconnect",
        objects=r"^((cloud|chat|codegen|code generation|gdb|streaming|own|active|current|parallel|live|existing|debug\w*|browserbase|intensive) )*(browser|chat|session|sessions|connection|debugger)( session| instance| connection| window)?$|^(browser|chat|gdb|debug\w*|new) session\b",
    ),
    act("move", objects=r"\b(mouse|cursor|avatar)\b"),
    name_pattern(
        r"\b(play|next|previous|skip)( (track|song|music|video|audio|clip|previous|next))?$|\b(hover|step (over|into|out)|(browser|create|new|start|launch|browserbase) session( create)?|session (create|close)|(start|launch) browser)\b"
    ),
)
_IN_SESSION: Final = any_of(
    _OPENS,
    name_pattern(
        r"^((go|navigate) )?(back|forward)$|\b(navigate|(go|navigate|browser|page) (back|forward)|hover|scroll|(browser|page|window|viewport) resize|resize (page|browser|window|viewport)|new (page|tab)|close (page|tab|browser)|switch tab|select page|tabs|tab (new|select|close|list)|pause (playback|music|song|track)|set volume|volume (up|down|set)|continue|logout|log out|use database|set (active|current|working) \w+|switch (database|project|workspace|to)|select (project|database|workspace)|zoom|close|mouse move|open (file|app|url|document|site))( \w+)?$"
    ),
    act(
        "set",
        "switch",
        "use",
        "select",
        "change",
        objects=r"\b(active|current|working) (project|workspace|database|directory|dir|account|environment|context|organization|team|profile|region|page)\b",
    ),
    act(
        "delete",
        "clear",
        "remove",
        "reset",
        "set",
        "restore",
        objects=r"\b(cookies?|local ?storage|session ?storage|storage state|thoughts?|thinking( history)?|session|codegen session|conversation|chat history|context)\b",
    ),
    act(
        "set",
        "adjust",
        "change",
        "turn",
        "mute",
        "unmute",
        objects=r"\b(volume|playback|shuffle|repeat( mode)?|emote|zoom|viewport)\b",
    ),
    act("logout", "oauth"),
    act(
        "connect", objects=r"^$|\b(servers?|database|db|brokers?|device|instance|api|host|debugger|target)\b"
    ),
    act("end", objects=r"^$|\b(session|conversation|chat|connection)\b"),
    text(r"\b(current|this|own|chat|browser|debug\w*|thinking) session\b", lead=True),
)
_ELSEWHERE: Final = ("@look", "@compute", "@run", "@contact", "@pay", "@create", "@publish")

OWN_SESSION: Final = but_not(
    any_of(_DRIVES_ITSELF, but_not(_IN_SESSION, act(*_ELSEWHERE))),
    text(r"\b(submit|purchase|cluster|production|other users|sandbox|game|game world)\b", lead=True),
    words_in_name(
        "api",
        "game",
        "step_1",
        "issue",
        "time",
        "video",
        "create_video",
        "get",
        "list",
        "ticket",
        "tweet",
        "wallet",
        "position",
        "positions",
        "order",
        "orders",
        "trade",
        "account",
        "incident",
        "alert",
    ),
    name_pattern(r"\b(act|interact|execute|extract)( \w+)* (with|in) session\b"),
    act("sign"),
)

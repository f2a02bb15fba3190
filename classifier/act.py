"""The main act of a tool: the verb of its first sentence and what it is done to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from classifier.lazy import lazy
from classifier.lexicon import FAMILY_OF, KIND_OF, LEMMA_OF, WIDE_VERBS
from classifier.tokens import is_wide, name_tokens, plain

if TYPE_CHECKING:
    from classifier.types import ToolDefinition

_REACH: Final = 14  # words from the start of a sentence among which its verb is looked for
_WORD: Final = re.compile(r"[a-z]+(?:[-'][a-z]+)*|[0-9]+|[^\W\d_a-z]+|[,/|&:;.()\[\]]")
# Words that introduce the act without being it.
_PREAMBLE_WORDS: Final = """
    this the a an tool tools function method endpoint command action operation api call used use using
    utility to will can could should may is are be that which for when if you your user users agent
    agents us we i it allows allow allowing lets let enables enable enabling helps help helping able
    ability capability supports support provides provide offers designed intended allowed required
    requires require login needed easily quickly efficiently automatically directly simply please
    primary main ai mcp server interface wrapper new-style deprecated beta experimental optional
    optionally safely securely programmatically powerful comprehensive advanced simple fast specialized
    helper client always first only also then wants want
"""
_PREAMBLE: Final = frozenset(_PREAMBLE_WORDS.split())
_STOP_WORDS: Final = """
    to from in on at with by for of into onto via using through within between based that which when if
    as and or then so while where after before without under over per about against it is are
"""
_STOP: Final = frozenset(_STOP_WORDS.split())
_JOINERS: Final = frozenset({",", "/", "|", "&", "and", "or", "then"})
_DETERMINERS_WORDS: Final = """
    a an the this that these those your my all any some one more multiple each every existing new given
    specific specified current single its their another different certain particular
"""
_DETERMINERS: Final = frozenset(_DETERMINERS_WORDS.split())
# Words of a name that are verbs elsewhere but name things here: `message_delete` deletes.
_NOUNS_IN_NAMES_WORDS: Final = """
    email mail message order post comment share plan track note book page call text trade exchange
    deposit bid bet fund invoice bill score rank group link map index cache queue record log status info
    release review report profile key mouse process schedule label tag tags star pin sample bridge short
    long supply issue model graph function image document file project user account market stake token
    network browser window tab client like draft handle backup snapshot screenshot score dump tree head
    tail stat display focus jump back step attack debug python bash shell ssh power auth oauth airdrop
    harvest wrap help test build type key form line point case volume feature report auth debug question
    answer power call_api api input output
"""
_NOUNS_IN_NAMES: Final = frozenset(_NOUNS_IN_NAMES_WORDS.split())


@dataclass(frozen=True)
class Act:
    """What is done, to what, and the field that says so (`description`, `title` or `name`).

    `verb` is the dictionary form (`delete`); `object` is the noun phrase as it stands, "" when none
    is given. `also` are further verbs of the same enumeration ("create, update or delete").
    """

    verb: str
    object: str
    field: str
    also: tuple[str, ...] = ()

    @lazy
    def family(self) -> str:
        """The verb's family in the lexicon."""
        return family(self.verb)

    @lazy
    def kinds(self) -> tuple[str, ...]:
        """The kinds of thing among the object's words, head noun first."""
        return kinds_of(self.object)


def family(verb: str) -> str:
    """The family of a verb in the lexicon; `other` when it has none."""
    return FAMILY_OF.get(verb, "other")


def kinds_of(thing: str) -> tuple[str, ...]:
    """The kinds of thing among the words of a noun phrase, head noun first."""
    nouns = [KIND_OF[word] for word in reversed(thing.split()) if word in KIND_OF]
    return tuple(dict.fromkeys(nouns))


def act_of(definition: ToolDefinition) -> Act:
    """The act of the first sentence that states one, else of the title, else of the name.

    A name without any verb gives the verb "" and the whole name as object.
    """
    sentence = (definition.description or "")[:400].strip()
    return (
        act_of_text(sentence, "description", first=True)
        or act_of_text(definition.title or "", "title", first=True)
        or act_of_name(name_tokens(definition.name))
        or Act("", " ".join(name_tokens(definition.name)), "name")
    )


@lru_cache(maxsize=4_096)
def act_of_name(tokens: tuple[str, ...]) -> Act | None:
    """The act in the words of a name; in noun_verb names the last verb wins (codebook rule 14)."""
    verbs = [at for at, token in enumerate(tokens) if token in FAMILY_OF and token not in _NOUNS_IN_NAMES]
    if not verbs:
        verbs = [at for at, token in enumerate(tokens[:1]) if token in FAMILY_OF]
    if not verbs:
        return _wide_act("".join(tokens), "name")
    at = verbs[0] if verbs[0] == 0 or verbs[-1] != len(tokens) - 1 else verbs[-1]
    rest = [token for other, token in enumerate(tokens) if other != at]
    if at and at + 1 < len(tokens):
        rest = list(tokens[at + 1 :])
    return Act(tokens[at], " ".join(rest), "name", tuple(tokens[v] for v in verbs if v != at))


def act_of_text(sentence: str, field: str, *, first: bool) -> Act | None:
    """The act of one sentence, or None when it states none.

    In the `first` sentence of a description any verb near its start counts; later ones count only
    when they begin with a verb.
    """
    tokens = _WORD.findall(plain(sentence[:400]).lower())
    at = _first_verb(tokens, first=first)
    if at is None:
        return _wide_act(sentence[:400], field) if first else None
    verbs, after = _enumeration(tokens, at)
    return Act(verbs[0], _noun_phrase(tokens, after), field, tuple(verbs[1:]))


def _first_verb(tokens: list[str], *, first: bool) -> int | None:
    depth = 0
    for at, word in enumerate(tokens[:_REACH]):
        depth += (word in {"(", "["}) - (word in {")", "]"})
        if depth > 0 or word in _PREAMBLE or not word[0].isalpha():
            continue
        if word in LEMMA_OF or word.rpartition("-")[2] in LEMMA_OF:
            return at
        if is_wide(word) or not first:
            return None
    return None


def _enumeration(tokens: list[str], at: int) -> tuple[list[str], int]:
    """The verbs of "create, update or delete" from `at` on, and where their object begins."""
    verbs = [LEMMA_OF.get(tokens[at]) or LEMMA_OF[tokens[at].rpartition("-")[2]]]
    after = at + 1
    while after < len(tokens):
        step = after
        while step < len(tokens) and tokens[step] in _JOINERS:
            step += 1
        if step == after or step >= len(tokens) or tokens[step] not in LEMMA_OF:
            break
        verbs.append(LEMMA_OF[tokens[step]])
        after = step + 1
    return verbs, after


def _noun_phrase(tokens: list[str], start: int) -> str:
    phrase: list[str] = []
    for token in tokens[start : start + 8]:
        if token in _DETERMINERS:
            continue
        if token in _STOP or not (token[0].isalnum()):
            if phrase or token not in {"(", "["}:
                break
            continue
        phrase.append(token)
    return " ".join(phrase)


def _wide_act(sentence: str, field: str) -> Act | None:
    """The first verb of a sentence in a script without blanks; the rest is its object."""
    found = [(sentence.find(word), -len(word), word) for word in WIDE_VERBS if word in sentence]
    if not found:
        return None
    at, length, word = min(found)
    others = tuple(dict.fromkeys(WIDE_VERBS[w] for _, _, w in sorted(found) if w != word))
    return Act(WIDE_VERBS[word], sentence[at - length : at - length + 40].strip(), field, others)

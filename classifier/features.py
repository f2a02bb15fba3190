"""From a reading to the features that are present, in blocks.

Every feature is binary and has a name such as `n:delete` or `act:cancel+process`; the model stores
their keys. A block's vector is divided by the square root of its size, so that a long text weighs
as much as a short one. A feature that comes twice in a block counts once.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from classifier.keys import keys, packed
from classifier.lexicon import CATEGORY_OF_FAMILY, FAMILY_OF, KIND_OF, WIDE_VERBS
from classifier.sentence import IN_TEXT
from classifier.tokens import is_wide, stem, stems

if TYPE_CHECKING:
    from collections.abc import Iterable

    from classifier.act import Act
    from classifier.keys import Keys
    from classifier.reading import Reading
    from classifier.sentence import Sentence
    from classifier.types import RuleHit

    Blocks = tuple[Keys, ...]

BLOCKS: Final = ("name", "lead", "text", "parameters", "structure")
_TEXT_WORDS: Final = 220  # words after the first sentence that are counted
_REMEMBERED: Final = 4_096  # parts of one sort that are kept
_SHORT: Final = 12  # characters of a word whose part is kept; long ones have many features


def features(reading: Reading, hits: Iterable[RuleHit] = ()) -> Blocks:
    """The keys of the features per block, in the order of `BLOCKS`; a block may hold some twice."""
    return (
        _name(reading.name),
        reading.sentences[0].lead if reading.sentences else b"",
        b"".join(_text(reading)),
        b"".join(_parameters(reading)),
        b"".join(_structure(reading, hits)),
    )


def _name(tokens: tuple[str, ...]) -> Keys:
    return b"".join([*[_token(token) for token in tokens], _order(tokens)]) if tokens else b""


def _token(token: str) -> Keys:
    return _remembered(token) if len(token) <= _SHORT else _spelled(token)


def _spelled(token: str) -> Keys:
    return keys([token], "n:") + keys(_grams(token), "g:")


_remembered = lru_cache(maxsize=4 * _REMEMBERED)(_spelled)


def _grams(token: str) -> list[str]:
    """Runs of three to five characters with the word's ends marked; pairs in wide scripts."""
    if is_wide(token):
        return [token[at : at + 2] for at in range(len(token) - 1)] or [token]
    padded = f"<{token}>"
    return [padded[at : at + size] for size in (3, 4, 5) for at in range(len(padded) - size + 1)]


@lru_cache(maxsize=_REMEMBERED)
def _order(tokens: tuple[str, ...]) -> Keys:
    """Which words of a name are neighbours, which stand first and last."""
    found = [f"n2:{a} {b}" for a, b in pairwise(tokens)]
    found += [f"n^{tokens[0]}", f"n${tokens[-1]}", f"n^${tokens[0]} {tokens[-1]}", "n=" + " ".join(tokens)]
    return keys(found)


def _text(reading: Reading) -> list[Keys]:
    found = _later(reading.sentences[1:]) if len(reading.sentences) > 1 else []
    if reading.title_words:
        found.append(keys(map(stem, reading.title_words), "t:"))
    return found


def _later(sentences: list[Sentence]) -> list[Keys]:
    """The words of the sentences after the first, and their pairs across the sentences' ends."""
    beyond = sum([len(each.words) for each in sentences]) > _TEXT_WORDS
    if beyond or not all(each.plain.isascii() for each in sentences):
        joined = " . ".join([each.plain for each in sentences])
        return [packed(IN_TEXT.keys_in_row(stems(joined, _TEXT_WORDS)))]
    worded = [each for each in sentences if each.stems]
    found = [each.later for each in worded]
    if len(worded) > 1:
        found.append(keys([f"{a.stems[-1]} {b.stems[0]}" for a, b in pairwise(worded)], "d2:"))
    return found


def _parameters(reading: Reading) -> list[Keys]:
    found = [parameter.features for parameter in reading.parameters]
    if documented := [tokens for tokens, _, _ in reading.documented]:
        names = [f"p={' '.join(tokens)}" for tokens in documented]
        found.append(keys(names + [f"p:{token}" for tokens in documented for token in tokens]))
    return found


def _structure(reading: Reading, hits: Iterable[RuleHit]) -> list[Keys]:
    text, name = reading.text_act, reading.name_act
    parameters = reading.parameters
    found = [_basis(reading.basis.value), _act("a", text), _act("na", name)]
    if text is not None and name is not None:
        found.append(_agreement(text.family, name.family))
    found += map(_meaning, reading.name)
    found += [parameter.shape for parameter in parameters]
    found.append(_size(min(len(parameters), 8), min(sum([p.required for p in parameters]), 4)))
    if lead := reading.wide_lead:
        verbs = [verb for word, verb in WIDE_VERBS.items() if word in lead]
        found.append(keys([f"w:{FAMILY_OF.get(verb, verb)}" for verb in verbs]))
    found.append(_rules(tuple([(hit.rule, hit.argues_for) for hit in hits])))
    return found


@lru_cache(maxsize=_REMEMBERED)
def _rules(fired: tuple[tuple[str, str], ...]) -> Keys:
    return keys([f"r:{rule}" for rule, _ in fired] + [f"rf:{argued}" for _, argued in fired])


@lru_cache
def _basis(basis: str) -> Keys:
    return keys([f"basis:{basis}"])


@lru_cache(maxsize=_REMEMBERED)
def _meaning(token: str) -> Keys:
    """What the lexicon says of a word of the name."""
    found = [f"nf:{FAMILY_OF[token]}"] if token in FAMILY_OF else []
    return keys(found + ([f"nk:{KIND_OF[token]}"] if token in KIND_OF else []))


def _act(mark: str, act: Act | None) -> Keys:
    if act is None:
        return keys([f"{mark}:none"])
    return _done(mark, act.verb, act.also, act.kinds, tuple([stem(word) for word in act.object.split()]))


@lru_cache(maxsize=_REMEMBERED)
def _done(
    mark: str, verb: str, also: tuple[str, ...], kinds: tuple[str, ...], words: tuple[str, ...]
) -> Keys:
    family = FAMILY_OF.get(verb, "other")
    kinds = kinds or ("other",)
    found = [f"{mark}:{verb}", f"{mark}f:{family}", f"{mark}fk:{family}+{kinds[0]}"]
    found += [f"{mark}k:{verb}+{kind}" for kind in kinds]
    found.append(f"{mark}o:{family}+{words[-1]}" if words else f"{mark}o:{family}")
    found += [f"{mark}v:{verb}+{word}" for word in words[:4]]
    found += [f"{mark}also:{FAMILY_OF.get(other, 'other')}" for other in also]
    return keys(found)


@lru_cache(maxsize=_REMEMBERED)
def _agreement(text: str, name: str) -> Keys:
    pair = (CATEGORY_OF_FAMILY.get(text), CATEGORY_OF_FAMILY.get(name))
    return keys([f"acts:{text}/{name}", f"actc:{pair[0]}/{pair[1]}"])


@lru_cache
def _size(parameters: int, required: int) -> Keys:
    return keys([f"pc:{parameters}", f"pr:{required}"])

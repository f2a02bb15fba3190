"""From a reading to the names of the features that are present, in blocks.

Every feature is binary and has a name such as `n:delete` or `act:cancel+process`; the model stores
their hashes. A block's vector is divided by the square root of its size, so that a long text weighs
as much as a short one.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from classifier.lexicon import CATEGORY_OF_FAMILY, FAMILY_OF, KIND_OF, WIDE_VERBS
from classifier.tokens import is_wide, stem, stems, words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from classifier.act import Act
    from classifier.reading import Parameter, Reading
    from classifier.types import RuleHit

BLOCKS: Final = ("name", "lead", "text", "parameters", "structure")
_TEXT_WORDS: Final = 220  # words after the first sentence that are counted
_LEAD_WORDS: Final = 40
_NUMERIC: Final = frozenset({"integer", "number"})


def features(reading: Reading, hits: Iterable[RuleHit] = ()) -> tuple[list[str], ...]:
    """Feature names per block, in the order of `BLOCKS`; without duplicates inside a block."""
    return (
        _unique(_name(reading)),
        _unique(_lead(reading)),
        _unique(_text(reading)),
        _unique(_parameters(reading.parameters) + _documented(reading)),
        _unique(_structure(reading) + _rules(hits)),
    )


def _unique(names: list[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _name(reading: Reading) -> list[str]:
    tokens = reading.name
    found = [f"n:{token}" for token in tokens]
    found += [f"n2:{a} {b}" for a, b in pairwise(tokens)]
    found += [gram for token in tokens for gram in _grams(token)]
    if tokens:
        found += [f"n^{tokens[0]}", f"n${tokens[-1]}", f"n^${tokens[0]} {tokens[-1]}"]
        found.append("n=" + " ".join(tokens))
    return found


@lru_cache(maxsize=65_536)
def _grams(token: str) -> tuple[str, ...]:
    """Pieces of three to five characters with the word's ends marked; pairs in wide scripts."""
    if is_wide(token):
        return tuple(f"g:{token[at : at + 2]}" for at in range(len(token) - 1)) or (f"g:{token}",)
    padded = f"<{token}>"
    return tuple(f"g:{padded[at : at + size]}" for size in (3, 4, 5) for at in range(len(padded) - size + 1))


def _lead(reading: Reading) -> list[str]:
    if not reading.sentences:
        return []
    lead = stems(reading.plain_sentences[0], _LEAD_WORDS)
    found = [f"l:{word}" for word in lead]
    found += [f"l2:{a} {b}" for a, b in pairwise(lead)]
    found += [f"l0:{word}" for word in lead[:1]]
    return found


def _text(reading: Reading) -> list[str]:
    bag = stems(" . ".join(reading.plain_sentences[1:]), _TEXT_WORDS)
    found = [f"d:{word}" for word in bag]
    found += [f"d2:{a} {b}" for a, b in pairwise(bag)]
    found += [f"t:{stem(word)}" for word in reading.title_words]
    return found


def _parameters(parameters: list[Parameter]) -> list[str]:
    found: list[str] = []
    for parameter in parameters:
        joined = " ".join(parameter.tokens)
        found += [f"p={joined}", f"p={joined}:{parameter.kind}"]
        found += [f"p:{token}" for token in parameter.tokens]
        if parameter.required:
            found.append(f"p!{joined}")
        found += [f"v:{value.lower()[:40]}" for value in parameter.values]
        found += [f"pd:{stem(word)}" for word in words(parameter.prose)[:25] if not is_wide(word)]
    return found


def _documented(reading: Reading) -> list[str]:
    found = [f"p={' '.join(tokens)}" for tokens, _, _ in reading.documented]
    return found + [f"p:{token}" for tokens, _, _ in reading.documented for token in tokens]


def _structure(reading: Reading) -> list[str]:
    found = [f"basis:{reading.basis.value}"]
    found += _act("a", reading.text_act)
    found += _act("na", reading.name_act)
    found += _agreement(reading.text_act, reading.name_act)
    found += [f"nf:{FAMILY_OF[token]}" for token in reading.name if token in FAMILY_OF]
    found += [f"nk:{KIND_OF[token]}" for token in reading.name if token in KIND_OF]
    found += _shape(reading.parameters)
    found += [
        f"w:{FAMILY_OF.get(verb, verb)}" for word, verb in WIDE_VERBS.items() if word in reading.wide_lead
    ]
    return found


def _rules(hits: Iterable[RuleHit]) -> list[str]:
    found = [f"r:{hit.rule}" for hit in hits]
    return found + [f"rf:{hit.argues_for}" for hit in hits]


def _act(mark: str, act: Act | None) -> list[str]:
    if act is None:
        return [f"{mark}:none"]
    kinds = act.kinds or ("other",)
    found = [f"{mark}:{act.verb}", f"{mark}f:{act.family}", f"{mark}fk:{act.family}+{kinds[0]}"]
    found += [f"{mark}k:{act.verb}+{kind}" for kind in kinds]
    head = act.object.split()[-1:] or [""]
    found += [f"{mark}o:{act.family}+{stem(head[0])}" if head[0] else f"{mark}o:{act.family}"]
    found += [f"{mark}v:{act.verb}+{stem(word)}" for word in act.object.split()[:4]]
    found += [f"{mark}also:{FAMILY_OF.get(verb, 'other')}" for verb in act.also]
    return found


def _agreement(text: Act | None, name: Act | None) -> list[str]:
    if text is None or name is None:
        return []
    pair = (CATEGORY_OF_FAMILY.get(text.family), CATEGORY_OF_FAMILY.get(name.family))
    return [f"acts:{text.family}/{name.family}", f"actc:{pair[0]}/{pair[1]}"]


def _shape(parameters: list[Parameter]) -> list[str]:
    kinds = {KIND_OF.get(token) for parameter in parameters for token in parameter.tokens}
    found = [f"pk:{kind}" for kind in sorted(kind for kind in kinds if kind)]
    found.append(f"pc:{min(len(parameters), 8)}")
    found.append(f"pr:{min(sum(p.required for p in parameters), 4)}")
    for parameter in parameters:
        found += [f"vf:{FAMILY_OF[v.lower()]}" for v in parameter.values if v.lower() in FAMILY_OF]
    return found

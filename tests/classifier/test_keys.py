"""Keys of features, and the sums of their weights."""

from __future__ import annotations

import zlib
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.classify import Classifier
from classifier.features import BLOCKS
from classifier.keys import Words, keys, unpacked
from classifier.model import OUTPUTS, Table

WORDS = st.lists(st.text(max_size=5), max_size=8)


def spelled(*names: str) -> list[int]:
    """The keys of names, each by itself."""
    return [zlib.crc32(name.encode("utf-8", "surrogatepass")) for name in names]


@given(WORDS)
def test_keys_of_words_and_pairs_are_those_of_their_names(words: list[str]) -> None:
    """A pair's key goes on from its first word; the model was trained on whole names."""
    kind = Words("d")
    ones, pairs = [f"d:{word}" for word in words], [f"d2:{a} {b}" for a, b in pairwise(words)]
    assert kind.keys_in_row(words) == spelled(*ones, *pairs)
    assert kind.keys_of(words) == spelled(*ones)
    assert list(unpacked(keys(words, "d:"))) == spelled(*ones)


def test_a_store_of_words_stays_small() -> None:
    """A server that makes up words must not fill the memory."""
    kind = Words("d")
    for at in range(20_000):
        assert kind.keys_of([f"word{at}"]) == spelled(f"d:word{at}")
    assert len(kind) <= 8_192


def row(table: Table, key: int) -> int:
    """Where the key stands among those of the table; the last row is that of unknown ones."""
    known = np.flatnonzero(table.keys == key)
    return int(known[0]) if len(known) else len(table.keys)


@pytest.fixture(scope="module")
def table(shipped: Classifier) -> Table:
    """The shipped weights for full definitions."""
    return shipped.model.tables["text"]


def test_every_known_key_is_found_at_its_own_row_and_no_other_is(shipped: Classifier) -> None:
    """The crowded ranges of keys too."""
    for each in shipped.model.tables.values():
        assert (each._rows(each.keys) == np.arange(len(each.keys))).all()
        beside = np.setdiff1d(each.keys + np.uint32(1), each.keys)
        assert (each._rows(beside) == len(each.keys)).all()


@given(st.data())
@settings(max_examples=40, deadline=None)
def test_a_block_adds_up_each_known_feature_once(table: Table, data: st.DataObject) -> None:
    """Whatever comes twice, is unknown, lies next to a known key, or at either end."""
    known = st.sampled_from([int(table.keys[0]), int(table.keys[-1]), *map(int, table.keys[1_000:1_020])])
    near = known.map(lambda key: min(key + 1, 2**32 - 1))
    block = st.lists(known | near | st.integers(0, 2**32 - 1), max_size=12)
    blocks = [*data.draw(st.lists(block, min_size=1, max_size=6)), [0]]
    sums, sizes = table._sums([np.array(each, dtype=np.uint32).tobytes() for each in blocks])
    for each, total, size in zip(blocks, sums, sizes, strict=True):
        once = set(each)
        weights = table.weights[[row(table, key) for key in once]].astype(np.int64)
        assert size == len(once)
        assert total.tolist() == weights.reshape(-1, OUTPUTS).sum(axis=0).tolist()


def test_scores_do_not_depend_on_what_is_asked_together(table: Table) -> None:
    """The same bytes alone and among others, as the catalogue's labels must be."""
    some = [
        tuple(keys([f"n:{at}", "n:delete", f"d:{number}"]) for at in range(len(BLOCKS)))
        for number in ("page", "user", "0", "invoice")
    ]
    assert table.scores(some) == [table.scores([each])[0] for each in some]

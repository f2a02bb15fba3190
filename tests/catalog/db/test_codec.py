"""A classification survives JSON exactly."""

import json

from hypothesis import given
from hypothesis import strategies as st

from catalog.db.codec import decode, encode
from classifier.types import (
    NAME_ONLY_CAP,
    Basis,
    Category,
    Classification,
    DecidedBy,
    Evidence,
    Level,
    ModelVerdict,
    Modifier,
    RuleHit,
)

EVIDENCE = st.builds(Evidence, st.text(), st.text(min_size=1), st.text())
CLASSIFICATIONS = st.builds(
    Classification,
    fingerprint=st.text(alphabet="0123456789abcdef", min_size=64, max_size=64),
    category=st.sampled_from(Category),
    risk=st.sampled_from(Level),
    effects=st.lists(st.sampled_from(Category)).map(tuple),
    modifiers=st.lists(st.builds(Modifier, st.text(), st.sampled_from([-1, 0, 1]), EVIDENCE)).map(tuple),
    confidence=st.floats(0, NAME_ONLY_CAP),
    evidence=st.lists(EVIDENCE, min_size=1).map(tuple),
    basis=st.sampled_from(Basis),
    rule_hits=st.lists(st.builds(RuleHit, st.text(), st.text(), EVIDENCE)).map(tuple),
    verdict=st.none() | st.builds(ModelVerdict, st.text(), st.tuples(*[st.floats(0, 1)] * 5)),
    decided_by=st.sampled_from(DecidedBy),
    reason=st.text(),
    annotation_conflict=st.none() | st.text(),
    review_reasons=st.lists(st.text()).map(tuple),
    rules_version=st.text(),
)


@given(CLASSIFICATIONS)
def test_a_classification_survives_json_exactly(classification):
    text = json.dumps(encode(classification))
    assert decode(classification.fingerprint, json.loads(text)) == classification


def test_the_codec_leaves_out_no_field():
    # A field that is added to the type must be added here too.
    fields = set(Classification.__dataclass_fields__) - {"fingerprint"}
    evidence = (Evidence("name", "x", "r"),)
    example = Classification(
        "0",
        Category.READ,
        Level.LOW,
        (),
        (),
        0.5,
        evidence,
        Basis.TEXT,
        (),
        None,
        DecidedBy.RULES,
        "",
        None,
        (),
        "1",
    )
    assert set(encode(example)) == fields

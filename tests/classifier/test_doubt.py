"""How doubt about the category moves the level (docs/classification.md, step 6)."""

from __future__ import annotations

from classifier.classify import Classifier
from classifier.combination import conclude
from classifier.model import Scores
from classifier.reading import Reading
from classifier.rules import RULES, fire
from classifier.types import Classification, Level, ToolDefinition

READ = (0.7, 0.05, 0.05, 0.1, 0.1)  # most likely a Read; in the order of CATEGORIES


def found(shipped: Classifier, name: str, scores: Scores) -> Classification:
    reading = Reading(ToolDefinition("demo", name, description=f"{name} of the ledger"))
    return conclude(reading, fire(RULES, reading), scores, shipped.model)


def test_doubt_moves_the_level_by_one_step_and_the_reason_says_so(shipped: Classifier) -> None:
    answer = found(shipped, "Ledgerize", Scores(READ, (0.45, 0.3, 0.25, 0.0)))
    assert answer.risk is Level.MEDIUM
    assert "raised from Low to Medium: it may be worse than Read" in answer.reason


def test_what_a_certain_rule_decided_is_not_raised(shipped: Classifier) -> None:
    """Codebook rule 7: unstaging is a Write whatever the model makes of the verb."""
    reading = Reading(ToolDefinition("demo", "git_reset", description="Unstage all staged changes."))
    scores = Scores((0.0, 0.3, 0.0, 0.7, 0.0), (0.0, 0.3, 0.1, 0.6))
    assert conclude(reading, fire(RULES, reading), scores, shipped.model).risk is Level.MEDIUM

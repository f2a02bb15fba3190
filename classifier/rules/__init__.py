"""The rules: one table, from which the classifier, the model's features and the rule pages are made."""

from __future__ import annotations

from typing import Final

from classifier.rules.destructive import DESTRUCTIVE
from classifier.rules.execute_models import MODELS
from classifier.rules.execute_outside import OUTSIDE
from classifier.rules.execute_programs import PROGRAMS
from classifier.rules.financial_terms import TERMS
from classifier.rules.financial_value import VALUE
from classifier.rules.lowering import LOWERING
from classifier.rules.raising_access import ACCESS
from classifier.rules.raising_data import DATA
from classifier.rules.raising_effects import EFFECTS
from classifier.rules.read import READ
from classifier.rules.rule import Example, Matcher, Rule, fire
from classifier.rules.write import WRITE

__all__ = ["RULES", "RULES_VERSION", "Example", "Matcher", "Rule", "fire"]

RULES_VERSION: Final = "2"  # raised whenever a rule is added or changed: labels compare only within one

RULES: Final[tuple[Rule, ...]] = (
    *(*VALUE, *TERMS),
    *DESTRUCTIVE,
    *(*PROGRAMS, *OUTSIDE, *MODELS),
    *WRITE,
    *READ,
    *(*EFFECTS, *ACCESS, *DATA),
    *LOWERING,
)

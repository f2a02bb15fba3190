"""Measuring the classifier: reports, plots, comparisons, and the reference of its rules."""

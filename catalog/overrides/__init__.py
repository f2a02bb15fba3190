"""Corrections of labels by people: the file they are kept in, its linter, and how they are applied."""

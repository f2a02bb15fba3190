"""Policies: what we recommend, the document that says it, its grammar, and the lint against definitions.

Everything here is pure: values in, values out. `recommend` is the table, `document` turns it into a
policy.json, `grammar` reads one back strictly, `check` compares one with the tools it is for.
"""

"""Policies: what we recommend, the documents that say it, their grammar, the judge, and the lint.

Everything here is pure: values in, values out. `recommend` is the table, `document` and `document_2`
turn it into a policy.json, `grammar` reads one back strictly, `decide` judges a call, `check` compares
a policy with the tools it is for, `diff` one policy with another, `trial` runs a policy's own tests.
"""

"""The static site: one record, one renderer, plain files that work from a folder.

`index` makes the first pass over the catalogue and keeps small rows; `build` makes the second and
writes the pages; `*_view` turn records into view objects, which are all that a template ever sees.
"""

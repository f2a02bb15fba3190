"""From what a user types to `ServerRecord`s: names, packages, URLs, configs, files, source code."""

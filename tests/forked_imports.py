"""What the process imports from which commands are forked: every command of the program."""

from __future__ import annotations

import importlib
import os

from tests.forked import TERMINAL

os.environ.update(TERMINAL)
_main = importlib.import_module("catalog.cli.main")
for _name in _main.COMMANDS:
    importlib.import_module(f"catalog.cli.{_name}")

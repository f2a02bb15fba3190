"""What a help page says of a parameter's type: nothing where its name says it."""

from __future__ import annotations

from typing import Any


def without_types(command: Any, ctx: Any) -> Any:
    """The command and its subcommands, silent on the types of switches and arguments: `<bool>`, `<list[str]>`."""
    for parameter in (*command.params, command.get_help_option(ctx)):
        if getattr(parameter, "is_flag", False):
            parameter.metavar = ""
        elif getattr(parameter, "param_type_name", "") == "argument":
            parameter.display_type_rich = _no_type
    for subcommand in getattr(command, "commands", {}).values():
        without_types(subcommand, ctx)
    return command


def _no_type(ctx: Any) -> None:
    del ctx

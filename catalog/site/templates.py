"""Templates compiled for views: fields are plain attributes, and what needs no escaping is passed on as it is.

Jinja looks an attribute up as an item too, and wraps every text it has escaped; a page of a hundred fields
spends a third of its time on that. Views are dataclasses, so neither is needed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.compiler import CodeGenerator

from catalog import resources
from catalog.site.markup import command, escaped, literal, prose

if TYPE_CHECKING:
    from jinja2 import nodes
    from jinja2.compiler import Frame


class _ViewCode(CodeGenerator):
    """Python code of a template whose values are views."""

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - the base class's name
        """Write a field as an attribute; a missing one is an error."""
        self.visit(node.node, frame)
        self.write(f".{node.attr}")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.escaped(")


class Templates(Environment):
    """The templates of the site."""

    code_generator_class = _ViewCode

    def __init__(self) -> None:
        super().__init__(
            loader=FileSystemLoader(resources.SITE_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self.filters["prose"] = prose
        self.filters["literal"] = literal
        self.filters["command"] = command

    escaped = staticmethod(escaped)

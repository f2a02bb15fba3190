"""The one place that makes markup out of text escapes everything first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from catalog.site.language import code
from catalog.site.markup import command, literal, prose


def test_code_type_becomes_an_element() -> None:
    assert prose(f"Calls of {code('cancel_job')} pass.") == "Calls of <code>cancel_job</code> pass."


def test_a_tool_named_like_a_tag_stays_text() -> None:
    assert (
        prose(code("</code><script>alert(1)</script>"))
        == "<code>&lt;/code&gt;&lt;script&gt;alert(1)&lt;/script&gt;</code>"
    )


def test_an_option_is_not_parted_from_its_dashes() -> None:
    whole = '<span class="whole">--with</span>'
    assert command("uvx --with 'a-b<2'") == f"uvx {whole} &#39;a-b&lt;2&#39;"


@given(st.text())
def test_no_text_adds_an_element_of_its_own(text: str) -> None:
    made = str(prose(f"x {code(text)} y"))
    assert made.startswith("x <code>")
    assert made.endswith("</code> y")
    assert made.count("<") == 2


@given(st.text())
def test_a_literal_text_holds_no_element_and_says_what_it_said(text: str) -> None:
    """Inside an element only these three characters matter (HTML standard, "Escaping a string")."""
    made = str(literal(text))
    assert "<" not in made
    assert ">" not in made
    assert made.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == text

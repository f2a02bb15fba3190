"""Falling back from bubblewrap, aloud or not at all (crawling.md: `--sandbox auto|bwrap|none`)."""

from __future__ import annotations

import anyio
import pytest

from catalog.probe.limits import Sandbox
from catalog.probe.sandbox import choose


@pytest.fixture
def no_bwrap(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def test_auto_falls_back_and_says_so(no_bwrap) -> None:
    place, _ = anyio.run(choose, Sandbox.AUTO)
    assert place is not None
    assert (place.isolation, place.note) == ("none", "started without a sandbox: bubblewrap is not installed")


def test_bwrap_does_not_fall_back(no_bwrap) -> None:
    assert anyio.run(choose, Sandbox.BWRAP) == (None, "bubblewrap is not installed")


def test_a_bubblewrap_that_does_not_work_is_found_out_by_trying(monkeypatch, tmp_path) -> None:
    program = tmp_path / "bwrap"
    program.write_text("#!/bin/sh\necho 'no namespaces for you' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    place, trouble = anyio.run(choose, Sandbox.AUTO)
    assert place is not None
    assert place.isolation == "none"
    assert "no namespaces for you" in trouble


def test_none_is_taken_at_its_word() -> None:
    place, trouble = anyio.run(choose, Sandbox.NONE)
    assert place is not None
    assert (place.isolation, trouble) == ("none", "")

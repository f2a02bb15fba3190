"""Which Python a package gets (crawling.md, "Known breakages")."""

from __future__ import annotations

import sys

import pytest

from catalog.probe.pythons import others, search_path, unsuitable, wanted

TOO_OLD = """error: No solution found when resolving dependencies
  cause: Because the current Python version (3.11.7) does not satisfy Python>=3.12 and a-server==10.0.0 depends on
         Python>=3.12, we can conclude that a-server==10.0.0 cannot be used.
"""
WRAPPED = "the current Python version (3.9.18) does not\n      satisfy Python>=3.10,<3.14 and a-server depends on it"
NO_TAG = "Because a-parser>=1.10.0 has no wheels with a matching Python ABI tag (e.g., `cp313`) and a-server needs it"
OTHER = "Because a-server was not found in the package registry and you require a-server, that cannot be"


def test_the_python_that_a_package_needs_is_read_from_the_complaint() -> None:
    assert wanted(TOO_OLD) == ">=3.12"
    assert wanted(WRAPPED) == ">=3.10,<3.14"
    assert wanted(OTHER) is None


def test_a_python_without_wheels_is_unsuitable_too() -> None:
    assert [unsuitable(text) for text in (TOO_OLD, WRAPPED, NO_TAG, OTHER)] == [True, True, True, False]


def test_other_pythons_are_tried_newest_first_down_to_what_is_needed() -> None:
    tried = others(">=3.12")
    assert tried[-1] == "3.12"
    assert tried == sorted(tried, key=lambda version: int(version.split(".")[1]), reverse=True)
    assert "3.9" in others(None)
    assert others(">=2.7") == others(None)


@pytest.fixture
def elsewhere(monkeypatch, tmp_path):
    """We run in a Python that no pyenv has installed."""
    monkeypatch.setattr(sys, "executable", str(tmp_path / "elsewhere" / "a" / "b" / "bin" / "python3"))


def pyenv(root, *versions):
    """A pyenv with these versions; the folders of their programs."""
    folders = [root / "versions" / version / "bin" for version in versions]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "python3").touch()
    return [str(folder) for folder in folders]


def test_shims_are_left_out_and_their_interpreters_put_in_newest_first(elsewhere, tmp_path) -> None:
    """pyenv's shims fail for every version that is not selected; uv asks them all."""
    oldest, middle, newest, _ = pyenv(tmp_path, "3.9.18", "3.12.1", "3.13.0", "2.7.18")
    path = search_path({"PATH": "/usr/bin:/plugins/shims:/bin", "PYENV_ROOT": str(tmp_path)})
    assert path.split(":") == ["/usr/bin", "/bin", newest, middle, oldest]


@pytest.mark.parametrize("environ", [{"HOME": "{}/home"}, {"PATH": "/bin:{}/home/.pyenv/shims"}])
def test_pyenv_is_found_in_the_home_and_through_its_shims(elsewhere, tmp_path, environ) -> None:
    (folder,) = pyenv(tmp_path / "home" / ".pyenv", "3.12.1")
    path = search_path({key: value.format(tmp_path) for key, value in environ.items()})
    assert path.split(":")[-1] == folder


def test_the_siblings_of_the_running_python_are_found(monkeypatch, tmp_path) -> None:
    """Also with an empty HOME and a PATH that knows nothing of pyenv."""
    older, newer = pyenv(tmp_path, "3.11.7", "3.12.1")
    monkeypatch.setattr(sys, "executable", f"{older}/python3")
    assert search_path({"PATH": "/bin"}).split(":") == ["/bin", newer, older]


def test_without_pyenv_the_path_stays_as_it_is(elsewhere, tmp_path) -> None:
    assert search_path({"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}) == "/usr/bin:/bin"


def test_the_distributions_python_has_no_siblings_and_that_is_no_trouble(monkeypatch) -> None:
    """`/usr/bin/python3.11` has only three folders above it."""
    monkeypatch.setattr("os.path.realpath", lambda path: "/usr/bin/python3.11")
    assert search_path({"PATH": "/usr/bin:/bin"}) == "/usr/bin:/bin"

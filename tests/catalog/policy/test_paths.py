"""`path_within`: what is surely inside, surely outside, and everything that is in doubt."""

import pathlib
from posixpath import normpath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.policy.paths import is_folder, path_within

IN_DATA = path_within(["/srv/data"])
IN_WINDOWS = path_within(["C:\\Data\\Shared"])


@pytest.mark.parametrize(
    "path",
    ["/srv/data", "/srv/data/", "/srv/data/a/b.txt", "/srv//data/./a", "/srv/data/.hidden", "/srv/data/a b"],
)
def test_a_plain_path_below_the_folder_is_within(path):
    assert IN_DATA(path) is True


@pytest.mark.parametrize("path", ["/srv/database", "/srv", "/", "/etc/passwd", "/data/srv/data"])
def test_a_plain_path_elsewhere_is_not(path):
    assert IN_DATA(path) is False


@pytest.mark.parametrize(
    "path",
    [
        "/srv/data/../data/a",
        "/srv/data/..",
        "/srv/data/.../a",
        "/srv/data/a/.. /b",
        "/srv/data/etc.",
        "srv/data/a",
        "data",
        "",
        ".",
        "//srv/data/a",
        "file:///srv/data/a",
        "/srv/data/%2e%2e/a",
        "/srv/data/%252e/a",
        "/srv/data\\..\\a",
        "/srv/data/a\x00.txt",
        "/srv/data/a\nb",
        "~/data",
        "/srv/data/~root/a",
        "/srv/data/$HOME",
        "/srv/data/${X}",
        "/srv/data/．．/a",
        "/srv/data／a",
        "/srv/data/..\u2215x",
        "/srv/data/..\u00a5x",
        "/srv/data/․․/a",
        "/srv/data/a\u200b",
        "/srv/data/\u202etxt",
        "/proc/1/cwd/srv/data/a",
        "/dev/fd/3",
        "/SRV/data/a",
        "/srv/Data/a",
        "C:\\srv\\data",
        "\\\\host\\share",
        7,
        None,
        ["/srv/data/a"],
    ],
)
def test_what_systems_read_differently_is_in_doubt(path):
    # Issue on the engine: "normalised, no escape by .., encoded, symlink-like or Windows forms".
    assert IN_DATA(path) is None


@pytest.mark.parametrize("path", ["C:\\Data\\Shared\\x", "c:/data/SHARED/x/y", "C:\\Data\\Shared"])
def test_windows_paths_are_compared_without_regard_to_case_or_slash(path):
    assert IN_WINDOWS(path) is True


@pytest.mark.parametrize("path", ["C:\\Data\\SharedX", "D:\\Data\\Shared\\x", "C:\\"])
def test_windows_paths_elsewhere_are_not_within(path):
    assert IN_WINDOWS(path) is False


@pytest.mark.parametrize(
    "path",
    [
        "C:Data\\Shared\\x",
        "C:\\Data\\Shared\\..\\x",
        "C:\\Data\\Shared\\x:stream",
        "C:\\Data\\SHARED~1\\x",
        "C:\\Data\\Shared\\NUL",
        "C:\\Data\\Shared\\com1.txt",
        "\\\\?\\C:\\Data\\Shared\\x",
        "\\\\.\\C:\\Data\\Shared",
        "\\Data\\Shared\\x",
        "/data/shared",
        "C:\\Data\\Shared\\x ",
        "C:\\Data\\Shared\\x.",
        "C:\\Data\\Shared\\%TEMP%",
    ],
)
def test_windows_forms_that_lead_elsewhere_are_in_doubt(path):
    assert IN_WINDOWS(path) is None


@pytest.mark.parametrize("folder", ["srv", "", "/srv/../etc", "~", "/a\\b", "C:x", "//h/s", "/proc"])
def test_a_policy_cannot_name_such_a_folder(folder):
    assert not is_folder(folder)


@given(
    st.lists(st.sampled_from(["..", ".", "", "a", "data", "srv", "...", "%2e%2e", "a\\..", "~"]), max_size=7)
)
def test_no_path_that_leaves_the_folder_is_within(steps):
    path = "/srv/data/" + "/".join(steps)
    if not normpath(path).startswith("/srv/data"):
        assert IN_DATA(path) is not True


@given(st.text())
def test_any_text_gets_an_answer_and_a_yes_is_truly_below(text):
    found = IN_DATA(text)
    assert found in (True, False, None)
    if found:
        assert pathlib.PurePosixPath(normpath(text)).is_relative_to("/srv/data")

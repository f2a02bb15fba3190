"""Command lines of package runners, as clients' documentation shows them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.records import LaunchKind
from catalog.sources.launchers import package_of, server_name, split_version

PYPI, NPM = LaunchKind.PYPI, LaunchKind.NPM


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("uvx lamp-mcp", (PYPI, "lamp-mcp", None, None, ())),
        ("uvx lamp-mcp@1.2 --dim 3", (PYPI, "lamp-mcp", "1.2", None, ("--dim", "3"))),
        ("uvx --from lamp-mcp==1.2 lampd --dim", (PYPI, "lamp-mcp", "1.2", "lampd", ("--dim",))),
        ("uvx --python 3.12 lamp-mcp@latest", (PYPI, "lamp-mcp", None, None, ())),
        ("uv tool run lamp-mcp", (PYPI, "lamp-mcp", None, None, ())),
        ("pipx run --spec lamp-mcp lampd", (PYPI, "lamp-mcp", None, "lampd", ())),
        ("npx -y @acme/lamp@2.0.1 /home", (NPM, "@acme/lamp", "2.0.1", None, ("/home",))),
        ("npx --yes --package=@acme/lamp lampd", (NPM, "@acme/lamp", None, "lampd", ())),
        ("npm exec -y @acme/lamp -- --dim", (NPM, "@acme/lamp", None, None, ("--dim",))),
        ("bunx lamp", (NPM, "lamp", None, None, ())),
        ("pnpm dlx lamp@latest", (NPM, "lamp", None, None, ())),
        ("cmd /c npx -y lamp", (NPM, "lamp", None, None, ())),
        (r"C:\nodejs\npx.cmd -y lamp", (NPM, "lamp", None, None, ())),
        ("/usr/local/bin/uvx lamp", (PYPI, "lamp", None, None, ())),
    ],
)
def test_a_runners_line_names_its_package(command, expected):
    found = package_of(command.split(" "))
    assert (found.registry, found.package, found.version, found.executable, found.arguments) == expected
    assert found.exact


@pytest.mark.parametrize(
    "command",
    [
        "",
        "npx",
        "npx -y",
        "uvx --from git+https://x.example/lamp lampd",
        "uvx ./lamp",
        "docker run lamp",
        "uvx lamp@",
        "npx -p",
    ],
)
def test_other_lines_name_none(command):
    assert package_of(command.split()) is None


def test_a_line_with_more_in_it_than_a_package_is_not_exact():
    """`--with` adds packages that a plain install of the package would not have."""
    found = package_of(["uvx", "--with", "extra", "lamp-mcp"])
    assert (found.package, found.exact) == ("lamp-mcp", False)


@pytest.mark.parametrize(
    ("command", "name"),
    [
        ("uvx lamp-mcp", "lamp-mcp"),
        ("npx -y @acme/lamp", "acme-lamp"),
        ("uvx --with extra lamp-mcp", "lamp-mcp"),
        ("python -m lamp_mcp.server", "lamp_mcp.server"),
        ("python3.12 -u /srv/lamp/server.py --key s3cret", "lamp"),
        ("python lamps.py", "lamps"),
        ("node /srv/lamp/dist/index.js", "lamp"),
        ("uv --directory /srv/lamp run lampd", "lampd"),
        ("uv run --directory /srv/lamp server.py", "server"),
        ("/opt/lamp/lampd --stdio", "lampd"),
        (r"C:\tools\lampd.exe", "lampd"),
        ("./run.sh", "run"),
        ("-", "-"),
        ("python -u", "python"),
    ],
)
def test_a_command_is_called_after_what_it_starts(command, name):
    assert server_name(command.split(" ")) == name


@pytest.mark.parametrize(
    ("spec", "registry"),
    [
        ("--index-url", PYPI),
        ("-x", NPM),
        ("a b", PYPI),
        ("../x", NPM),
        ("@acme", NPM),
        ("x@--y", NPM),
        ("", PYPI),
        ("a;b", PYPI),
    ],
)
def test_what_could_be_taken_for_an_option_or_a_path_is_no_package(spec, registry):
    """A package name goes to an installer's command line; nothing may be smuggled in with it."""
    assert split_version(spec, registry) == (None, None)


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (["bash", "-lc", "API_KEY=hunter2 lampd"], "bash"),
        (["sh", "-c", "lampd --key hunter2"], "sh"),
        (["python3.12", "-u", "-c", "hunter2"], "python3.12"),
        (["/usr/bin/node", "-e", "hunter2"], "node"),
        (["node", "--eval=hunter2"], "node"),
        (["node", "--eval", "hunter2"], "node"),
        (["node", "-p", "hunter2"], "node"),
        (["pwsh", "-Command", "hunter2"], "pwsh"),
        (["env", "API_KEY=hunter2", "lampd"], "env"),
        (["API_KEY=hunter2", "lampd"], "command"),
        (["uv", "run", "API_KEY=hunter2"], "run"),
    ],
)
def test_code_and_assignments_are_no_names(command, name):
    """They may hold secrets, and a name is stored and published."""
    assert server_name(command) == name


@given(st.lists(st.text(max_size=12), max_size=4))
def test_no_name_has_white_space_or_an_assignment_in_it(words):
    name = server_name(words)
    assert name
    assert "=" not in name
    assert name.split() == [name]

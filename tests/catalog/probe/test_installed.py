"""What is read from an installed package without running it (crawling.md, "Known breakages"; our decision on scripts)."""

from __future__ import annotations

import pytest

from catalog.probe.fault import NotPrepared
from catalog.probe.installed import console_script, distribution, is_sdk_1, needs_sdk_1, start_command
from catalog.probe.npm import default_program
from catalog.records import Launch, LaunchKind

SDK_1_SOURCES = (
    "from mcp.server.fastmcp import FastMCP\n",
    "import mcp.server.fastmcp\n",
    "from mcp.server import Server, FastMCP\n",
    "def main():\n    @server.list_tools()\n    async def handle(): ...\n",
)
SDK_2_SOURCES = (
    "from mcp.server.mcpserver import MCPServer\n",
    "tools = await server.list_tools()\n",
    "# from mcp.server.fastmcp import FastMCP\n",
)


def install(site, name, version, source="", scripts=""):
    """A package as an installer leaves it: a module, its metadata and its record."""
    module = name.replace("-", "_")
    (site / module).mkdir(parents=True)
    (site / module / "server.py").write_text(source)
    (site / module / "__main__.py").write_text("")
    info = site / f"{module}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (info / "entry_points.txt").write_text(f"[console_scripts]\n{scripts}")
    (info / "RECORD").write_text(f"{module}/server.py,,\n{module}/__main__.py,,\n")
    return distribution(site, name)


@pytest.mark.parametrize("source", SDK_1_SOURCES)
def test_sources_written_for_sdk_1_are_recognised(tmp_path, source) -> None:
    install(tmp_path, "mcp", "2.3.0")
    assert needs_sdk_1(tmp_path, install(tmp_path, "a-server", "1.0", source))


@pytest.mark.parametrize("source", SDK_2_SOURCES)
def test_sources_written_for_sdk_2_are_left_alone(tmp_path, source) -> None:
    install(tmp_path, "mcp", "2.3.0")
    assert not needs_sdk_1(tmp_path, install(tmp_path, "a-server", "1.0", source))


def test_with_sdk_1_installed_there_is_nothing_to_go_back_from(tmp_path) -> None:
    install(tmp_path, "mcp", "1.30.0")
    assert not needs_sdk_1(tmp_path, install(tmp_path, "a-server", "1.0", SDK_1_SOURCES[0]))
    assert [is_sdk_1(version) for version in (None, "1.30.0", "2.3.0", "10.0")] == [True, True, False, False]


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["other", "A_Server"], "A_Server"),
        (["anything"], "anything"),
        (["admin", "run-mcp-tools", "run-mcp"], "run-mcp"),
        (["admin", "tool"], None),
        ([], None),
    ],
)
def test_the_console_script_is_the_packages_own_the_only_one_or_one_that_says_mcp(names, chosen) -> None:
    assert console_script(names, "a-server[extra]") == chosen


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ({"anything": "x"}, "anything"),
        ({"admin": "x", "server-memory": "y"}, "server-memory"),
        ({"admin": "x", "my-mcp": "y"}, "my-mcp"),
        ({"admin": "x", "tool": "y"}, None),
    ],
)
def test_the_npm_program_is_the_one_that_npx_would_take(names, chosen) -> None:
    assert default_program(names, "@scope/server-memory") == chosen


def test_a_package_without_a_script_is_started_as_a_module(tmp_path) -> None:
    package = install(tmp_path, "a-server", "1.0")
    command = start_command(Launch(LaunchKind.PYPI, package="a-server"), package, tmp_path / "venv")
    assert command == ("{}/venv/bin/python", "-m", "a_server")


def test_a_script_is_started_with_the_environments_own_python(tmp_path) -> None:
    package = install(tmp_path, "a-server", "1.0", scripts="a-server = a_server:main\n")
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "a-server").touch()
    command = start_command(Launch(LaunchKind.PYPI, package="a-server"), package, tmp_path / "venv")
    assert command == ("{}/venv/bin/python", "{}/venv/bin/a-server")


@pytest.mark.parametrize("executable", ["not-there", "../../../bin/sh"])
def test_a_command_that_the_package_does_not_have_is_told_with_those_it_has(tmp_path, executable) -> None:
    package = install(tmp_path, "a-server", "1.0", scripts="a-server = a_server:main\n")
    launch = Launch(LaunchKind.PYPI, package="a-server", executable=executable)
    with pytest.raises(NotPrepared, match="its commands: a-server"):
        start_command(launch, package, tmp_path / "venv")

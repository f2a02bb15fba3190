"""What a user types (product.md, `catalog classify TARGET`), and the order in which it is interpreted."""

import json

import pytest

from catalog.errors import ConfigError, NotDefinitions, UnknownTarget
from catalog.records import LaunchKind
from catalog.sources.target import SOURCES, resolve

WORKFLOWS = ("workflows-mcp", LaunchKind.PYPI, "workflows-mcp")


def found(target):
    (record,) = resolve([target])
    return record.name, record.launch.kind, record.launch.package


@pytest.mark.parametrize(
    "target", ["workflows-mcp", "Workflows-MCP", "qtsone/workflows-mcp", "QTSOne/Workflows-mcp", "workflows"]
)
def test_a_known_name_alias_or_repository_resolves_in_any_case(target):
    """Issue, "What must work" 1: the name goes through the bundled index to the PyPI package."""
    (record,) = resolve([target])
    assert (record.name, record.launch.kind, record.launch.package) == WORKFLOWS
    assert record.repository == "qtsone/workflows-mcp"


def test_a_repository_address_is_the_repository():
    assert found("https://github.com/qtsone/workflows-mcp/") == WORKFLOWS
    assert found("https://github.com/qtsone/workflows-mcp.git") == WORKFLOWS


def test_a_repository_of_many_servers_gives_them_all():
    names = {record.name for record in resolve(["modelcontextprotocol/servers"])}
    assert {"mcp-server-git", "mcp-server-time", "server-filesystem", "server-memory"} <= names


def test_a_package_keeps_what_the_index_knows_of_it_and_the_wanted_version():
    """PyPI takes `-`, `_` and `.` for the same (PEP 503)."""
    (record,) = resolve(["pypi:Workflows_MCP@10.0.0"])
    assert (record.name, record.source, record.launch.version) == ("workflows-mcp", "pypi", "10.0.0")
    (record,) = resolve(["npm:@modelcontextprotocol/server-filesystem"])
    assert (record.name, record.launch.arguments) == ("server-filesystem", (".",))


def test_any_other_package_resolves_without_being_known():
    assert found("pypi:lamp-mcp") == ("lamp-mcp", LaunchKind.PYPI, "lamp-mcp")
    assert found("npm:@acme/lamp") == ("acme-lamp", LaunchKind.NPM, "@acme/lamp")


@pytest.mark.parametrize("target", ["pypi:", "pypi:a b", "npm:--evil", "pypi:lamp@", "npm:../up", "pypi:@1"])
def test_what_is_no_package_name_is_refused(target):
    with pytest.raises(UnknownTarget, match=r"names no (pypi|npm) package") as error:
        resolve([target])
    assert "NAME@VERSION" in error.value.hint


def test_an_existing_path_goes_before_a_known_name(write, monkeypatch):
    folder = write({"workflows-mcp": json.dumps({"tools": [{"name": "mine"}]})})
    monkeypatch.chdir(folder)
    (record,) = resolve(["workflows-mcp"])
    assert (record.source, record.definitions[0].name) == ("saved", "mine")


def test_each_kind_of_file_goes_to_its_source(write, zipped):
    server = b"from mcp.server.fastmcp import FastMCP\nm = FastMCP()\n@m.tool()\ndef f(): ...\n"
    folder = write(
        {
            "mcp.json": '{"mcpServers": {"lamp": {"command": "lampd"}}}',
            "config.toml": '[mcp_servers.lamp]\ncommand = "lampd"\n',
            "list.json": '{"tools": [{"name": "f", "inputSchema": {"properties": {"servers": {}}}}]}',
            "src/server.py": server,
        }
    )
    targets = ["mcp.json", "config.toml", "list.json", "src", "src/server.py"]
    records = resolve([*(str(folder / name) for name in targets), str(zipped({"a/server.py": server}))])
    assert [record.source for record in records] == ["config", "config", "saved", *["python-source"] * 3]


def test_a_command_comes_last_and_stays_as_it_was_given():
    first, second = resolve(["workflows-mcp"], ["npx", "-y", "@acme/lamp", "--dim"])
    assert first.name == "workflows-mcp"
    assert (second.name, second.source, second.launch.kind) == ("acme-lamp", "command", LaunchKind.COMMAND)
    assert second.launch.command == ("npx", "-y", "@acme/lamp", "--dim")


def test_an_unknown_name_is_answered_with_near_ones_and_every_form():
    with pytest.raises(UnknownTarget, match="no server is known as 'workflow-mcp'") as error:
        resolve(["workflow-mcp"])
    assert "did you mean workflows-mcp" in error.value.hint
    assert all(source.form in error.value.hint for source in SOURCES)


@pytest.mark.parametrize(
    "target", ["./nothing", "/no/such/place", "~/no-such-file", "nothing.json", "gone.whl"]
)
def test_a_path_that_is_not_there_is_called_a_missing_file(target):
    with pytest.raises(UnknownTarget, match="there is no file or folder"):
        resolve([target])


@pytest.mark.parametrize(
    "target", ["", " ", "\0", "x" * 5000, "\u202eevil", "a/b/c/d", "~nobody-of-this-name/x"]
)
def test_odd_targets_are_unknown_and_nothing_worse(target):
    with pytest.raises(UnknownTarget):
        resolve([target])


def test_errors_of_a_source_pass_through(write):
    folder = write({"mcp.json": '{"mcpServers": {\n oops }}', "other.json": '{"a": 1}'})
    with pytest.raises(ConfigError, match=r"mcp\.json:2:"):
        resolve([str(folder / "mcp.json")])
    with pytest.raises(NotDefinitions):
        resolve([str(folder / "other.json")])


@pytest.mark.parametrize(
    ("command", "target"),
    [
        (
            ["npx", "-y", "@modelcontextprotocol/server-everything"],
            "npm:@modelcontextprotocol/server-everything",
        ),
        (["uvx", "workflows-mcp"], "pypi:workflows-mcp"),
        (["uvx", "lamp-mcp"], "pypi:lamp-mcp"),
    ],
)
def test_a_package_has_one_name_in_all_ways(command, target):
    (by_command,), (by_target,) = resolve([], command), resolve([target])
    assert (by_command.name, by_command.origin) == (by_target.name, target)

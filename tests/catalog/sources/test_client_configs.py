"""Client configurations (crawling.md: systems, scopes, spellings; comments, placeholders, unknown keys; no secrets)."""

import json
import platform
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.errors import ConfigError
from catalog.records import LaunchKind
from catalog.sources.client_configs import ClientConfig, configured_records, read_config
from catalog.sources.client_entries import record
from catalog.sources.client_locations import known_locations
from catalog.sources.sets import configured

LAMP = {"command": "lampd", "args": ["--stdio"]}


def by_name(records):
    return {found.name: found for found in records}


@pytest.mark.parametrize(
    "document",
    [
        {"mcpServers": {"lamp": LAMP}},
        {"servers": {"lamp": LAMP}, "inputs": []},
        {"mcp": {"servers": {"lamp": LAMP}}, "editor.fontSize": 12},
        {"mcp.servers": {"lamp": LAMP}},
        {"mcp_servers": {"lamp": LAMP}},
        {"projects": {"/home/x": {"mcpServers": {"lamp": LAMP}, "history": []}}, "numStartups": 3},
        {"mcpServers": [{"name": "lamp", **LAMP}]},
    ],
)
def test_every_spelling_of_the_server_map_is_read(write, document):
    folder = write({"some.json": json.dumps(document)})
    (found,) = read_config(folder / "some.json")
    assert (found.name, found.source, found.launch.command) == ("lamp", "config", ("lampd", "--stdio"))


def test_comments_trailing_commas_and_byte_order_marks_are_tolerated(write):
    text = '\ufeff{\n// mine\n"mcpServers": {"lamp": {"command": "lampd", "unknown": 1,},},\n}'
    assert read_config(write({"mcp.json": text}) / "mcp.json")[0].launch.command == ("lampd",)


def test_codex_keeps_servers_in_toml(write):
    text = 'model = "x"\n[mcp_servers.lamp]\ncommand = "uvx"\nargs = ["lamp-mcp@2"]\nenv = { KEY = "k" }\n'
    (found,) = read_config(write({"config.toml": text}) / "config.toml")
    assert (found.launch.kind, found.launch.package, found.launch.version) == (
        LaunchKind.PYPI,
        "lamp-mcp",
        "2",
    )


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("mcp.json", '{\n  "mcpServers": {\n    "a": oops\n  }\n}', "mcp.json:3:10: "),
        ("mcp.json", '{"mcpServers": {\n  // fine\n  "a": }', "mcp.json:3:8: "),
        ("claude_desktop_config.json", "", "claude_desktop_config.json: "),
        ("config.toml", '[mcp_servers.a]\ncommand = "x\n', "config.toml:2:"),
    ],
)
def test_a_syntax_error_names_file_line_and_column(write, name, text, place):
    """Issue, "Bad input": a config with a syntax error (file and line)."""
    with pytest.raises(ConfigError) as error:
        ClientConfig().records(str(write({name: text}) / name))
    assert place in str(error.value)
    assert error.value.hint


def test_a_known_config_without_servers_says_where_they_would_stand(write):
    with pytest.raises(ConfigError, match="no MCP servers in this file") as error:
        ClientConfig().records(str(write({"settings.json": '{"editor": 1}'}) / "settings.json"))
    assert "mcpServers" in error.value.hint


def test_another_json_is_left_to_other_sources(write):
    folder = write(
        {"a.json": '{"tools": []}', "b.json": '{"servers": [1, 2]}', "c.json": '{"servers": {"x": 1}}'}
    )
    assert [ClientConfig().records(str(folder / name)) for name in ("a.json", "b.json", "c.json")] == [
        None
    ] * 3


def test_package_runners_become_packages_and_other_commands_stay():
    """Our decision: a package is prepared without install scripts and isolated; its runner does neither."""
    npx = record(
        "lamp", {"command": "npx", "args": ["-y", "@acme/lamp@1", "/home"], "cwd": "/srv"}, "mcp.json"
    ).launch
    assert (npx.kind, npx.package, npx.version, npx.arguments) == (
        LaunchKind.NPM,
        "@acme/lamp",
        "1",
        ("/home",),
    )
    assert npx.working_directory == "/srv"
    docker = record("lamp", {"command": "docker", "args": ["run", "-i", "lamp"]}, "mcp.json").launch
    assert (docker.kind, docker.command) == (LaunchKind.COMMAND, ("docker", "run", "-i", "lamp"))
    extra = record("lamp", {"command": "uvx", "args": ["--with", "x", "lamp"]}, "mcp.json").launch
    assert extra.kind is LaunchKind.COMMAND


@pytest.mark.parametrize(
    ("entry", "kind"),
    [
        ({"url": "https://x.example/mcp"}, LaunchKind.HTTP),
        ({"serverUrl": "https://x.example/sse"}, LaunchKind.SSE),
        ({"httpUrl": "https://x.example/"}, LaunchKind.HTTP),
        ({"type": "sse", "url": "https://x.example/events"}, LaunchKind.SSE),
        ({"type": "http", "url": "https://x.example/sse"}, LaunchKind.HTTP),
        ({"type": "streamable-http", "url": "https://x.example/"}, LaunchKind.HTTP),
        ({"transport": "streamableHttp", "url": "https://x.example/sse"}, LaunchKind.HTTP),
    ],
)
def test_remote_entries_in_every_spelling(entry, kind):
    launch = record(
        "x", {**entry, "headers": {"Authorization": "Bearer abc", "X-Key": "${input:key}"}}, "mcp.json"
    ).launch
    assert (launch.kind, launch.headers) == (kind, (("Authorization", "Bearer abc"),))


def test_variables_are_secret_and_placeholders_are_never_looked_up(monkeypatch):
    """crawling.md: secrets in them are never stored nor shown; never the user's other secrets."""
    monkeypatch.setenv("LAMP_KEY", "hunter2")
    env = {
        "A": "plain", "B": "${LAMP_KEY}", "C": "${env:LAMP_KEY}", "D": "Bearer ${input:key}", "E": "$LAMP_KEY", "F": "%LAMP_KEY%",
        "G": "${NO:-fallback}", "H": 5, "I": True, "J": None, "K": "pa$word",
    }  # fmt: skip
    launch = record("lamp", {**LAMP, "env": env}, "mcp.json").launch
    values = {variable.name: variable.value for variable in launch.environment}
    assert values == dict.fromkeys("BCDEFJ") | {
        "A": "plain",
        "G": "fallback",
        "H": "5",
        "I": "true",
        "K": "pa$word",
    }
    assert all(variable.secret and variable.required for variable in launch.environment)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        ({"command": "lampd", "disabled": True}, "is disabled there"),
        ({"command": "lampd", "enabled": False}, "is disabled there"),
        ({"args": ["x"]}, "neither a command nor a url"),
        ({"command": " "}, "neither a command nor a url"),
        ({"command": "lampd", "args": "--all"}, "args"),
        ({"command": "lampd", "env": {"KEY": ["hunter2"]}}, "env"),
        ({"url": "http://[hunter2"}, "this URL cannot be reached"),
        ("hunter2", "the entry"),
        (None, "the entry"),
    ],
)
def test_an_entry_that_starts_nothing_says_why_and_repeats_no_value(entry, why):
    """Our decision: honest coverage, so it stays in the list with its reason."""
    found = record("lamp", entry, "/x/mcp.json")
    (line,) = found.unread
    assert found.launch is None
    assert line.startswith("/x/mcp.json: server 'lamp'")
    assert why in line
    assert "hunter2" not in line


HOME, PROJECT = Path("/home/u"), Path("/projects/p")
USER_FILES = {
    "Claude Desktop": {"Darwin": "Library/Application Support/Claude/claude_desktop_config.json",
                       "Linux": ".config/Claude/claude_desktop_config.json",
                       "Windows": "AppData/Roaming/Claude/claude_desktop_config.json"},
    "VS Code": {"Darwin": "Library/Application Support/Code/User/mcp.json", "Linux": ".config/Code/User/mcp.json",
                "Windows": "AppData/Roaming/Code/User/mcp.json"},
    "Claude Code": ".claude.json",
    "Cursor": ".cursor/mcp.json",
    "GitHub Copilot": ".copilot/mcp-config.json",
    "Windsurf": ".codeium/windsurf/mcp_config.json",
    "Gemini CLI": ".gemini/settings.json",
    "Kiro": ".kiro/settings/mcp.json",
    "Amazon Q": ".aws/amazonq/mcp.json",
    "Augment": ".augment/settings.json",
    "Codex": ".codex/config.toml",
}  # fmt: skip


@pytest.mark.parametrize("system", ["Darwin", "Linux", "Windows"])
def test_every_client_of_the_design_has_its_user_file(system):
    """crawling.md, the list of clients and their files."""
    places = {
        (place.client, place.path)
        for place in known_locations(system, HOME, PROJECT)
        if place.scope == "user"
    }
    for client, file in USER_FILES.items():
        assert (client, HOME / (file if isinstance(file, str) else file[system])) in places


def test_projects_have_files_of_their_own():
    paths = {place.path for place in known_locations("Linux", HOME, PROJECT) if place.scope == "project"}
    assert {PROJECT / ".mcp.json", PROJECT / ".cursor/mcp.json", PROJECT / ".vscode/mcp.json"} <= paths


def test_the_servers_of_all_clients_are_listed_once_and_told_apart(write):
    """One broken config does not hide the others."""
    home = write(
        {
            "h/.cursor/mcp.json": json.dumps(
                {"mcpServers": {"lamp": LAMP, "fan": {"url": "https://fan.example/"}}}
            ),
            "h/.claude.json": json.dumps(
                {"mcpServers": {"lamp": {**LAMP, "env": {"KEY": "other"}}}, "tips": 1}
            ),
            "h/.gemini/settings.json": json.dumps({"theme": "dark"}),
            "h/.kiro/settings/mcp.json": json.dumps(
                {"mcpServers": {"fan": {"url": "https://other.example/"}}}
            ),
            "h/.codex/config.toml": "broken = ",
            "p/.mcp.json": json.dumps({"mcpServers": {"door": {"command": "doord"}}}),
        }
    )
    found = by_name(configured_records("Linux", home / "h", home / "p"))
    assert set(found) == {"lamp", "fan", "fan (Kiro)", "door", "config.toml"}
    assert "config.toml:1:" in found["config.toml"].unread[0]


def test_one_file_may_use_a_name_for_two_servers(write):
    projects = {f"/p{n}": {"mcpServers": {"db": {"command": f"db{n}"}}} for n in range(3)}
    folder = write({".claude.json": json.dumps({"projects": projects})})
    assert list(by_name(read_config(folder / ".claude.json"))) == ["db", "db (.claude)", "db (.claude 2)"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["mcpServers", "servers", "mcp", "projects", "command", "args", "env", "url", "headers", "x"]
            ),
            inner,
        )
    ),
    max_leaves=15,
)


@given(document=JSON, tail=st.sampled_from(["", ",", "}", "\x00"]))
def test_no_config_raises_anything_but_the_trees_error(tmp_path_factory, document, tail):
    path = tmp_path_factory.getbasetemp() / "mcp.json"
    path.write_text(json.dumps(document) + tail, encoding="utf-8")
    with suppress(ConfigError):
        records = ClientConfig().records(str(path)) or ()
        assert all(found.name and (found.launch or found.unread) for found in records)


@given(st.binary(max_size=80))
def test_no_toml_raises_anything_but_the_trees_error(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "config.toml"
    path.write_bytes(data)
    with pytest.raises(ConfigError):
        ClientConfig().records(str(path))


def test_the_home_folder_and_its_users_name_are_not_told(monkeypatch, write):
    """What a record could not read is stored and shown on the site."""
    home = write({"mcp.json": json.dumps({"mcpServers": {"lamp": {"disabled": True}}})})
    monkeypatch.setenv("HOME", str(home))
    (found,) = read_config(home / "mcp.json")
    assert found.unread == ("~/mcp.json: server 'lamp' is disabled there",)


def test_this_machine_can_be_asked(monkeypatch, write):
    home = write({".cursor/mcp.json": json.dumps({"mcpServers": {"lamp": LAMP}})})
    monkeypatch.setenv("USERPROFILE" if platform.system() == "Windows" else "HOME", str(home))
    monkeypatch.chdir(home)
    assert [found.name for found in configured()] == ["lamp"]

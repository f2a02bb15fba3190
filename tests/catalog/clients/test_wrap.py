"""Wrapping and unwrapping client configs (issue, point 7; policy page, "The gateway")."""

from __future__ import annotations

import json
import os
import shutil
import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.clients import wrap
from catalog.clients.config_file import ConfigFile
from catalog.clients.entries import is_guarded
from catalog.clients.wrap import State, unwrapping
from catalog.errors import ConfigError, OutputError, UnknownTarget
from catalog.sources import jsontext

LAMP = {"command": "npx", "args": ["-y", "@acme/lamp"], "env": {"KEY": "s3cret"}, "cwd": "/srv"}


def unwrap(path):
    plan = unwrapping(ConfigFile.read(path))
    plan.file.replace(plan.text)
    return plan


def value(path):
    text = path.read_text("utf-8")
    return tomllib.loads(text) if path.suffix == ".toml" else jsontext.lenient(text)


def entries_of(path):
    return dict(ConfigFile.read(path).servers.values())


def test_every_server_of_each_clients_config_stands_behind_the_gateway(config, wrapped):
    wrapped(config)
    assert all(is_guarded(entry) for entry in entries_of(config).values())


def test_a_wrapped_config_is_put_back_byte_for_byte(config, wrapped):
    before = config.read_bytes()
    wrapped(config)
    assert config.read_bytes() != before
    assert unwrap(config).exact
    assert config.read_bytes() == before


def test_a_crawl_of_a_wrapped_config_sees_the_same_servers(config, wrapped, launches):
    before = launches(config)
    wrapped(config)
    assert launches(config) == before


def test_without_the_backup_the_entries_say_the_same_as_before(config, wrapped):
    before = value(config)
    wrapped(config).unlink()
    assert not unwrap(config).exact
    after = value(config)
    for entry in (after.get("mcpServers") or after.get("servers") or after["mcp_servers"]).values():
        if entry.get("args") == []:  # nobody can know whether there was an empty list or none
            del entry["args"]
    for spelling in ("serverUrl", "httpUrl", "http_headers"):  # likewise of the spelling
        assert spelling not in json.dumps(after)
    plain = (
        json.dumps(before)
        .replace("serverUrl", "url")
        .replace("httpUrl", "url")
        .replace("http_headers", "headers")
        .replace('"args": [], ', "")
    )
    assert after == json.loads(plain)


def test_comments_layout_and_every_other_line_stay(tmp_path, config, wrapped):
    before = config.read_text().splitlines()
    wrapped(config)
    after = config.read_text()
    kept = [
        line for line in before if not any(key in line for key in ("command", "url", "Url", "args", "http"))
    ]
    assert [line for line in kept if line not in after] == []
    for comment in ("// the runner", "/* an older SDK */", "# the runner", "# yes", "# Codex"):
        assert (comment in after) == any(comment in line for line in before)


def test_every_other_key_of_an_entry_is_kept(configured, wrapped):
    path = configured(lamp={**LAMP, "timeout": 5, "alwaysAllow": ["a"], "odd": {"x": [1, None]}})
    wrapped(path)
    entry = entries_of(path)["lamp"]
    assert {key: entry[key] for key in ("env", "cwd", "timeout", "alwaysAllow", "odd")} == {
        "env": {"KEY": "s3cret"}, "cwd": "/srv", "timeout": 5, "alwaysAllow": ["a"], "odd": {"x": [1, None]},
    }  # fmt: skip


def test_the_command_line_is_that_of_the_gateway_with_the_servers_own_behind_it(configured, wrapped):
    path = configured(lamp=LAMP)
    wrapped(path)
    entry = entries_of(path)["lamp"]
    assert Path(entry["command"]).is_absolute()
    start = entry["args"].index("gateway")
    assert entry["args"][start:] == [
        "gateway", "--policy", "/policies/one.json", "--server", "lamp", "--db", "sqlite:////data/catalog.sqlite",
        "--", "npx", "-y", "@acme/lamp",
    ]  # fmt: skip


def test_python_variables_of_a_server_do_not_reach_the_gateways_own_start(configured, wrapped):
    """A PYTHONPATH in `env` would put that server's modules before ours."""
    path = configured(lamp={**LAMP, "env": {"PYTHONPATH": "/srv/lib"}})
    wrapped(path)
    assert entries_of(path)["lamp"]["args"][:4] == ["-E", "-P", "-m", "catalog.cli.main"]


def test_a_remote_server_is_bridged_and_its_secrets_go_by_the_environment(configured, wrapped):
    path = configured(
        desk={
            "type": "http",
            "url": "https://desk.example/mcp",
            "headers": {"Authorization": "Bearer s3cret"},
        }
    )
    wrapped(path)
    entry = entries_of(path)["desk"]
    assert entry["type"] == "stdio"
    assert "s3cret" not in " ".join(entry["args"])
    assert entry["args"][-4:] == [
        "--upstream", "https://desk.example/mcp", "--upstream-header", "Authorization=CATALOG_HEADER_AUTHORIZATION",
    ]  # fmt: skip
    assert entry["env"] == {"CATALOG_HEADER_AUTHORIZATION": "Bearer s3cret"}
    assert "url" not in entry
    assert "headers" not in entry


@pytest.mark.parametrize(
    "entry",
    [
        {"url": "https://desk.example/mcp?key=s3cret"},
        {"url": "https://ada:s3cret@desk.example/mcp"},
        {"url": "https://desk.example/s/Zk93hunter2xk4Qq81b/mcp"},
        {"url": "https://desk.example/${input:key}"},
        {"type": "sse", "url": "https://desk.example/events"},
        {"url": "https://desk.example/sse"},
        {"url": "https://desk.example/mcp", "oauth": {"clientId": "x"}},
        {"url": "https://desk.example/mcp", "bearer_token_env_var": "TOKEN"},
        {"url": "https://desk.example/mcp", "env_http_headers": {"X-Key": "KEY"}},
        {"url": "https://desk.example/mcp", "headers": {"Accept": "text/html"}},
        {"url": "https://desk.example/mcp", "headers": {"bad header": "x"}},
        {"url": "https://desk.example/mcp", "command": "npx"},
        {"url": "https://desk.example/mcp", "httpUrl": "https://other.example/mcp"},
        {"command": ""},
        {},
        [],
    ],
)
def test_what_cannot_be_said_safely_is_left_with_a_reason(configured, planned, entry):
    """Secrets never stand on a command line; what the gateway does not speak is not promised."""
    plan = planned(configured(odd=entry, lamp=LAMP))
    fates = {fate.name: fate for fate in plan.fates}
    assert fates["odd"].state is State.LEFT
    assert fates["odd"].why
    assert "s3cret" not in fates["odd"].why
    assert fates["lamp"].state is State.WRAPPED
    assert jsontext.lenient(plan.text)["mcpServers"]["odd"] == entry


@pytest.mark.parametrize("off", [{"disabled": True}, {"enabled": False}])
def test_disabled_servers_are_left(configured, planned, off):
    path = configured(lamp={**LAMP, **off})
    plan = planned(path)
    assert plan.fates[0].state is State.DISABLED
    assert plan.text == path.read_text()


def test_what_is_wrapped_already_is_not_wrapped_twice(config, wrapped, planned):
    wrapped(config)
    plan = planned(config)
    assert {fate.state for fate in plan.fates} == {State.ALREADY}
    assert plan.text == plan.file.text


def test_wrapping_one_server_after_the_other_is_undone_as_a_whole(configured, wrapped):
    path = configured(lamp=LAMP, desk={"command": "deskd"})
    before = path.read_bytes()
    wrapped(path, "lamp")
    backup = wrapped(path, "desk")
    assert list(path.parent.glob("*.before-gateway.*")) == [backup]
    assert backup.read_bytes() == before
    assert unwrap(path).exact
    assert path.read_bytes() == before


def test_a_change_since_is_kept_when_the_servers_are_put_back(configured, wrapped):
    """Clients write their configs all the time: a restored backup would lose what they wrote."""
    path = configured(lamp=LAMP, desk={"serverUrl": "https://desk.example/mcp", "type": "streamable-http"})
    before = value(path)
    backup = wrapped(path)
    changed = value(path)
    changed["mcpServers"]["lamp"]["env"]["NEW"] = "1"
    changed["theme"] = "dark"
    path.write_text(json.dumps(changed))
    assert not unwrap(path).exact
    before["mcpServers"]["lamp"]["env"]["NEW"] = "1"
    assert value(path) == {**before, "theme": "dark"}
    assert backup.exists()


def test_a_bridge_whose_variables_were_changed_since_is_left_with_a_reason(configured, wrapped):
    path = configured(desk={"url": "https://desk.example/mcp"})
    wrapped(path)
    changed = value(path)
    changed["mcpServers"]["desk"]["env"] = {"MORE": "1"}
    path.write_text(json.dumps(changed))
    (fate,) = unwrapping(ConfigFile.read(path)).fates
    assert (fate.state, bool(fate.why)) == (State.LEFT, True)


def test_backup_and_config_keep_the_mode_and_a_link_stays_a_link(tmp_path, wrapped, configured):
    real = configured(lamp=LAMP)
    real.chmod(0o600)
    (tmp_path / "home").mkdir()
    link = tmp_path / "home" / "config.json"
    link.symlink_to(real)
    before = real.read_bytes()
    backup = wrapped(link)
    assert link.is_symlink()
    assert b"gateway" in real.read_bytes()
    assert [stat.S_IMODE(path.stat().st_mode) for path in (real, backup)] == [0o600, 0o600]
    assert backup.read_bytes() == before
    unwrap(link)
    assert link.is_symlink()
    assert real.read_bytes() == before
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


def test_a_config_that_changes_in_the_meantime_is_not_overwritten(configured, planned):
    path = configured(lamp=LAMP)
    plan = planned(path)
    path.write_text('{"mcpServers": {}}')
    with pytest.raises(ConfigError, match="changed meanwhile"):
        wrap.write(plan)
    assert path.read_text() == '{"mcpServers": {}}'
    assert list(path.parent.glob("*.before-gateway.*")) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_that_cannot_be_written_to_leaves_the_config_as_it_is(configured, planned):
    path = configured(lamp=LAMP)
    path.parent.chmod(0o500)
    before = path.read_bytes()
    try:
        with pytest.raises(OutputError, match="cannot write"):
            wrap.write(planned(path))
    finally:
        path.parent.chmod(0o700)
    assert path.read_bytes() == before


def test_a_server_that_is_not_there_is_named(configured, planned):
    with pytest.raises(UnknownTarget, match="no server 'lmap'") as error:
        planned(configured(lamp=LAMP), "lmap")
    assert "lamp" in error.value.hint


@pytest.mark.parametrize("data", [b"\xff\xfe{\x00}\x00", b"{", b"{}", b'{"mcpServers": {}}'])
def test_what_is_no_config_is_refused(tmp_path, data):
    path = tmp_path / "mcp.json"
    path.write_bytes(data)
    with pytest.raises(ConfigError) as error:
        ConfigFile.read(path)
    assert error.value.hint


def test_a_byte_order_mark_stays(tmp_path, wrapped):
    path = tmp_path / "mcp.json"
    before = b'\xef\xbb\xbf{"mcpServers": {"lamp": {"command": "lampd"}}}'
    path.write_bytes(before)
    wrapped(path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf{")
    unwrap(path)
    assert path.read_bytes() == before


def test_of_two_equal_keys_the_one_that_counts_is_changed(tmp_path, wrapped):
    path = tmp_path / "mcp.json"
    path.write_text(
        '{"mcpServers": {"lamp": {"command": "old"}, "lamp": {"command": "new", "args": ["a"], "args": ["b"]}}}'
    )
    wrapped(path)
    assert entries_of(path)["lamp"]["args"][-3:] == ["--", "new", "b"]
    assert '"lamp": {"command": "old"}' in path.read_text()


# The reader of relaxed JSON takes an escaped pair of surrogates for two characters: none beyond U+FFFF here.
TEXT = st.text(st.characters(codec="utf-8", max_codepoint=0xFFFF), max_size=12)
ENTRY = st.fixed_dictionaries(
    {"command": TEXT.filter(str.strip)},
    optional={
        "args": st.lists(TEXT, max_size=4) | st.none(),
        "env": st.dictionaries(TEXT, TEXT, max_size=2),
        "note": TEXT,
    },
)
SPACE = st.sampled_from(["", " ", "\n", "\r\n\t", " // a } comment\n", '/* { " */', "\n    "])


@st.composite
def written(draw, document):
    """A JSON text of the document with white space and comments anywhere, and commas at the end."""
    if isinstance(document, dict):
        parts = [
            draw(SPACE)
            + json.dumps(key)
            + draw(SPACE)
            + ":"
            + draw(SPACE)
            + draw(written(item))
            + draw(SPACE)
            for key, item in document.items()
        ]
        return "{" + ",".join(parts) + ("," if parts and draw(st.booleans()) else "") + draw(SPACE) + "}"
    if isinstance(document, list):
        parts = [draw(SPACE) + draw(written(item)) + draw(SPACE) for item in document]
        return "[" + ",".join(parts) + ("," if parts and draw(st.booleans()) else "") + draw(SPACE) + "]"
    return json.dumps(document, ensure_ascii=draw(st.booleans()))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_however_a_config_is_written_it_is_wrapped_and_put_back(tmp_path_factory, planned, data):
    """Invariant: unwrap after wrap is the identity on bytes, and the servers seen are the same throughout."""
    folder = tmp_path_factory.mktemp("any")
    entries = data.draw(st.dictionaries(TEXT, ENTRY, min_size=1, max_size=3))
    text = data.draw(written({"inputs": [], "mcpServers": entries, "last": {"a": [1, {"b": None}]}}))
    path = folder / "mcp.json"
    path.write_bytes(text.encode())
    plan = planned(path)
    if plan.count(State.WRAPPED):
        wrap.write(plan)
    wrapped_entries = entries_of(path)
    for name, entry in entries.items():
        args = entry.get("args") or []
        found = wrapped_entries[name]
        assert [*found["args"]][found["args"].index("--") + 1 :] == [entry["command"], *args]
    assert unwrap(path).exact
    assert path.read_bytes() == text.encode()
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("notes.txt", 'hello {"a": 1}', "no client config: "),
        ("policy.json", '{"version": "1"}', "no MCP servers in this file"),
        ("list.json", "[1]", "no MCP servers in this file"),
        ("empty.json", " \n", "no MCP servers in this file"),
        ("broken.toml", "[mcp_servers", "no client config: "),
    ],
)
def test_a_file_that_is_no_config_is_named_with_what_is_expected(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    """Whatever it is instead."""
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ConfigError) as refused:
        ConfigFile.read(path)
    assert words in str(refused.value)
    assert str(path) in str(refused.value)
    assert "mcpServers" in refused.value.hint
    assert path.read_text() == text

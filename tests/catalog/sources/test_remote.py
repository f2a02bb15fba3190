"""Servers by URL (crawling.md: streamable HTTP, legacy SSE)."""

import pytest

from catalog.errors import UnknownTarget
from catalog.records import LaunchKind
from catalog.sources.remote import Remote, server_name


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://lamp.example/mcp", LaunchKind.HTTP),
        ("http://127.0.0.1:3001/", LaunchKind.HTTP),
        ("https://lamp.example/sse", LaunchKind.SSE),
        ("https://lamp.example/v1/sse/?x=1", LaunchKind.SSE),
    ],
)
def test_the_address_tells_the_transport(url, kind):
    (record,) = Remote().records(url)
    assert (record.source, record.launch.kind, record.launch.url) == ("url", kind, url)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://Lamp.Example/mcp", "lamp.example"),
        ("http://127.0.0.1:3001/mcp", "127.0.0.1:3001"),
        ("https://lamp.example/living-room/mcp", "lamp.example-living-room"),
        ("https://user:hunter2@lamp.example/mcp?key=hunter2#hunter2", "lamp.example"),
        ("http://lamp.example/t1/mcp", "lamp.example-t1"),
        ("http://lamp.example/t2/sse", "lamp.example-t2"),
        ("https://lamp.example/api/v2/mcp", "lamp.example-api-v2"),
        ("https://lamp.example:443/mcp", "lamp.example"),
        ("http://lamp.example:443/mcp", "lamp.example:443"),
    ],
)
def test_the_name_tells_the_host_an_unusual_port_and_what_tells_servers_apart(url, name):
    """crawling.md: secrets are never stored nor shown."""
    assert server_name(url) == name


@pytest.mark.parametrize(
    "step", ["Zk93hunter2xk4", "deadbeefcafe0123456789abcdef01", "k=hunter2", "%24%7Bkey%7D"]
)
def test_a_step_that_may_be_a_key_tells_servers_apart_without_being_told(step):
    """Some services put the key into the path."""
    name = server_name(f"https://lamp.example/s/{step}/mcp")
    assert name.startswith("lamp.example-s-")
    assert step not in name
    assert name != server_name(f"https://lamp.example/s/{step}x/mcp")


@pytest.mark.parametrize(
    "url", ["http://", "https:///mcp", "http://[::1", "http://x:99999/", "http://a b/", "http://x/\x1b[2J"]
)
def test_what_has_no_host_is_refused_without_repeating_it(url):
    with pytest.raises(UnknownTarget, match="this URL cannot be reached") as error:
        Remote().records(url)
    assert "\x1b" not in str(error.value)


def test_a_password_that_breaks_a_url_is_not_repeated():
    """The parser takes a part of it for the port, and quotes that."""
    with pytest.raises(UnknownTarget) as error:
        Remote().records("http://me:hun@ter2:hunter2/mcp")
    assert "hunter2" not in f"{error.value} {error.value.hint}"


def test_an_address_of_the_index_keeps_its_name():
    (record,) = Remote().records("https://mcp.deepwiki.com/mcp/")
    assert (record.name, record.source) == ("deepwiki", "url")


def test_other_targets_are_not_urls():
    assert Remote().records("ftp://lamp.example") is None
    assert Remote().records("pypi:http") is None

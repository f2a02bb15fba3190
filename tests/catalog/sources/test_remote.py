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
        ("https://lamp.example/s/Zk93hunter2xk4/mcp", "lamp.example-s"),
    ],
)
def test_the_name_tells_the_host_and_never_what_may_be_a_key(url, name):
    """crawling.md: secrets are never stored nor shown; some services put the key into the path."""
    assert server_name(url) == name


@pytest.mark.parametrize(
    "url", ["http://", "https:///mcp", "http://[::1", "http://x:99999/", "http://a b/", "http://x/\x1b[2J"]
)
def test_what_has_no_host_is_refused_without_repeating_it(url):
    with pytest.raises(UnknownTarget, match="this URL cannot be reached") as error:
        Remote().records(url)
    assert "\x1b" not in str(error.value)


def test_an_address_of_the_index_keeps_its_name():
    (record,) = Remote().records("https://mcp.deepwiki.com/mcp/")
    assert (record.name, record.source) == ("deepwiki", "url")


def test_other_targets_are_not_urls():
    assert Remote().records("ftp://lamp.example") is None
    assert Remote().records("pypi:http") is None

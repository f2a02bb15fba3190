"""The preview: loopback only, right types, the site's own 404 page, clear errors."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from catalog.errors import UsageError
from catalog.site.serve import open_server


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    with open_server(site, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/tools/harbour/", "text/html; charset=utf-8"),
        ("/assets/site.css", "text/css; charset=utf-8"),
        ("/assets/site.js", "text/javascript; charset=utf-8"),
        ("/assets/icon.svg", "image/svg+xml"),
        ("/tools/harbour/index.json", "application/json; charset=utf-8"),
    ],
)
def test_files_come_with_their_types(address: str, path: str, kind: str) -> None:
    answer = httpx2.get(address + path, trust_env=False)
    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/tools/nobody/at/all.html", "/assets/", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd"],
)
def test_what_is_not_there_gets_the_page_that_says_so(address: str, path: str) -> None:
    answer = httpx2.get(address + path, trust_env=False)
    assert answer.status_code == 404
    assert "There is no page here" in answer.text
    assert '<base href="/">' in answer.text


def test_a_taken_port_is_one_clear_error(site: Path) -> None:
    with open_server(site, "127.0.0.1", 0) as server:
        port = server.server_address[1]
        with pytest.raises(UsageError, match=str(port)) as caught:
            open_server(site, "127.0.0.1", port)
    assert "--port" in caught.value.hint


def test_a_folder_without_a_site_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no site") as caught:
        open_server(tmp_path, "127.0.0.1", 0)
    assert "catalog build" in caught.value.hint


def test_a_folder_that_build_would_refuse_is_not_advised(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match="no site") as caught:
        open_server(tmp_path, "127.0.0.1", 0)
    assert f"--out {tmp_path}" not in caught.value.hint
    assert "another folder" in caught.value.hint


def test_a_preview_is_for_this_machine_only(site: Path) -> None:
    with pytest.raises(UsageError, match="not this machine"):
        open_server(site, "192.0.2.1", 0)  # an address for documentation (RFC 5737)

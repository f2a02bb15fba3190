"""Fetching the published files that labels refer to: at their pinned commits, bounded, side by side."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import httpx2

from catalog.visible import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from catalog.labelling.reference import FileReference

MAX_BYTES: Final = 64 << 20  # of one file
_TIMEOUT: Final = httpx2.Timeout(30.0, connect=10.0)
_NO_NETWORK: Final = "its host cannot be reached"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file's bytes, or why there are none; `offline` says that its host could not be reached at all."""

    reference: FileReference
    data: bytes | None
    reason: str = ""
    offline: bool = False


def fetch(
    references: Sequence[FileReference], jobs: int, transport: httpx2.BaseTransport | None = None
) -> Iterator[Fetched]:
    """Fetch every file, at most `jobs` at a time, in their order; nothing is raised for a file that fails.

    A host that cannot be reached is not asked again.
    """
    unreachable: set[str] = set()
    with (
        httpx2.Client(follow_redirects=True, timeout=_TIMEOUT, transport=transport) as client,
        ThreadPoolExecutor(max_workers=jobs) as pool,
    ):
        yield from pool.map(_fetcher(client, unreachable), references)


def _fetcher(client: httpx2.Client, unreachable: set[str]) -> Callable[[FileReference], Fetched]:
    def one(reference: FileReference) -> Fetched:
        if reference.host in unreachable:
            return Fetched(reference, None, _NO_NETWORK, offline=True)
        try:
            return _read(client, reference)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.ProxyError):
            unreachable.add(reference.host)
            return Fetched(reference, None, _NO_NETWORK, offline=True)
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            return Fetched(reference, None, one_line(str(error), 200) or type(error).__name__)

    return one


def _read(client: httpx2.Client, reference: FileReference) -> Fetched:
    with client.stream("GET", reference.url) as answer:
        if not answer.is_success:
            return Fetched(reference, None, f"HTTP {answer.status_code}")
        data = bytearray()
        for chunk in answer.iter_bytes():
            data += chunk
            if len(data) > MAX_BYTES:
                return Fetched(reference, None, f"larger than {MAX_BYTES >> 20} MiB")
        return Fetched(reference, bytes(data))

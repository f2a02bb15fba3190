"""States that a client carries for the gateway between two rounds of one call: signed, expiring, good once.

Source: MCP 2026-07-28, multi round trip requests: a server treats a returned `requestState` as the
attacker's own work.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from typing import TYPE_CHECKING, Any, Final

import jiter

from catalog.gateway.message import dump

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LIFETIME: Final = 600.0  # seconds a client has to come back
_MAX_OPEN: Final = 10_000  # states that may be out; the oldest is forgotten then


class Seal:
    """Signs with a key that only this process has; what another one signed is not accepted."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._key = secrets.token_bytes(32)
        self._clock = clock
        self._open: dict[str, float] = {}  # nonce -> when it expires, the oldest first

    def close(self, claims: Mapping[str, Any]) -> str:
        """A text for the client to send back unchanged."""
        now = self._clock()
        while self._open and (len(self._open) >= _MAX_OPEN or next(iter(self._open.values())) <= now):
            del self._open[next(iter(self._open))]
        nonce = secrets.token_hex(16)
        self._open[nonce] = now + LIFETIME
        payload = base64.urlsafe_b64encode(dump({"nonce": nonce, "claims": dict(claims)}))
        return f"{payload.decode('ascii')}.{self._sign(payload)}"

    def open(self, token: str) -> dict[str, Any] | None:
        """The claims; None when the token is not ours, was changed, is too old, or was opened before."""
        payload, _, signature = token.encode("utf-8", "surrogatepass").rpartition(b".")
        if not hmac.compare_digest(self._sign(payload).encode("ascii"), signature):
            return None
        try:
            content = jiter.from_json(base64.urlsafe_b64decode(payload))
        except (ValueError, binascii.Error):
            return None
        if self._open.pop(content["nonce"], 0.0) <= self._clock():
            return None
        claims: dict[str, Any] = content["claims"]
        return claims

    def _sign(self, payload: bytes) -> str:
        return hmac.new(self._key, payload, hashlib.sha256).hexdigest()

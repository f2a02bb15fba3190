"""Streamable HTTP on either side of the gateway, in both eras of the protocol.

    clients ── endpoint ── clients.Clients ── conversation.Conversation ── upstream (HTTP) or pipe (a command)

`door` says who a request comes from, `headers` whether its headers tell the truth about its body. A client of
the older eras has a session of its own, with a server connection of its own: its own `Mcp-Session-Id`, cookies
and pool, or its own child process. Since 2026-07-28 there are no sessions: all requests under one grant share
one connection, renumbered so that two clients may use the same ids. `bridge` puts a client on standard
streams before a server that is reached over HTTP. What becomes of a message, `core.Session` alone says.
"""

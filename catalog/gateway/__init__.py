"""The gateway: it stands between a client and a server and lets through what the policy lets through.

`message` reads the wire strictly, `core` says what becomes of each message and knows no transport,
`stdio` carries messages between a client and a child process. `catalog.policy.decide` is the only judge.
"""

"""Words that the rules on money share."""

from __future__ import annotations

from typing import Final

from classifier.rules.rule import words_in_name

# Verbs of names that look at money or prepare it, without moving any.
LOOKING: Final = words_in_name(
    "get",
    "list",
    "search",
    "fetch",
    "check",
    "calculate",
    "estimate",
    "quote",
    "simulate",
    "history",
    "status",
    "find",
    "view",
    "read",
    "build",
    "prepare",
    "validate",
    "analyze",
    "query",
    "retrieve",
    "draft",
    "decode",
    "mark",
    "log",
    "track",
    "show",
    "scan",
    "count",
    "describe",
)
COIN: Final = r"\b(sol|eth|btc|bnb|matic|usdc|usdt|erc ?20|erc ?721|nfts?|tokens?|coins?|crypto\w*|ether|bitcoin|sats|satoshis|lightning|funds?|money|mana|native|spl|cash|currency|lamports|payment|payments|tips?|ada|xrp|sui|ton)\b"

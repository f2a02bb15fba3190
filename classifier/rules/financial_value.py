"""Rules that argue for Financial: value that moves (codebook, "Category" and tie-breaks 13 and 19)."""

from __future__ import annotations

from typing import Final

from classifier.rules.money import COIN, LOOKING
from classifier.rules.rule import (
    CERTAIN,
    Example,
    Rule,
    act,
    all_of,
    any_of,
    but_not,
    name_pattern,
    parameter,
    text,
    words_in_name,
)

VALUE: Final[tuple[Rule, ...]] = (
    Rule(
        id="moves-money",
        odds=CERTAIN,
        argues_for="Financial",
        title="Pays, charges, refunds, pays out or withdraws",
        rationale="Value moves in this call.",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "pay",
                    "charge",
                    "refund",
                    "reimburse",
                    "remit",
                    "donate",
                    "payout",
                    "withdraw",
                    "deposit",
                    "redeem",
                    "tip",
                    "borrow",
                    "lend",
                    "repay",
                    "stake",
                    "unstake",
                    "delegate-stake",
                    "airdrop",
                    "liquidate",
                    "fund",
                    "topup",
                    "debit",
                ),
                name_pattern(
                    r"\b(pay|charge|refund|payout|payment|withdraw|withdrawal|deposit|donate|tip|stake|unstake|borrow|repay|airdrop|debit|capture payment|undelegate|redelegate) ?(invoice|offer|bill|card|customer|order|payment|funds|money|token|tokens|eth|sol|amount|link)?$|\b(create|process|make|send|issue|capture|submit|post) (\w+ )?(payment|refund|payout|charge|withdrawal|deposit|payment intent|airdrop)\b|\b(payments?|refunds?|payouts?) (create|send|capture|cancel|refund)\b"
                ),
            ),
            LOOKING,
            act(
                "pay",
                "charge",
                "deposit",
                "claim",
                "fund",
                "redeem",
                "withdraw",
                objects=r"\b(attention|document|documents|files?|device|devices|battery|issue|task|record|dataset|request|application|consent|link)\b",
            ),
            act("@look", "@compute", "@update", "@ease", "mark"),
        ),
        positive=(
            Example("create_refund", "Refund a payment."),
            Example("pay_invoice"),
            Example("withdraw", "Withdraw funds to a bank."),
        ),
        negative=(Example("get_refund", "Get a refund."), Example("list_payments", "List the payments.")),
    ),
    Rule(
        id="trades",
        odds=CERTAIN,
        argues_for="Financial",
        title="Places, changes or cancels an order; buys, sells or swaps",
        rationale="The call binds someone to pay or changes what will be paid.",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "buy",
                    "sell",
                    "purchase",
                    "trade",
                    "swap",
                    "short",
                    "long",
                    "bid",
                    "bet",
                    "wager",
                    "hedge",
                    "snipe",
                    "bridge",
                    "mint",
                ),
                act(
                    "place",
                    "create",
                    "submit",
                    "modify",
                    "edit",
                    "cancel",
                    "close",
                    "open",
                    "set",
                    "execute",
                    "amend",
                    "update",
                    "adjust",
                    objects=r"\b(market orders?|limit orders?|stop orders?|trades?|positions?|bets?|bids?|swaps?|leverage|margin|sip|gtt|(buy|sell|trading|spot|futures|pending|open|bracket) orders?|orders?)\b",
                ),
                name_pattern(
                    r"\b(place|create|cancel|modify|edit|submit|update|amend|post) (\w+ )*(order|orders|trade|bet|bid|sip|gtt|position)\b|\b(buy|sell|swap|purchase|trade|snipe) ?\w*( \w+)?$|\b(market|limit|stop) (order|buy|sell)\b|\b(set|change|adjust) (\w+ )*(leverage|margin( mode)?)\b|\b(open|close) (\w+ )?position\b"
                ),
                text(
                    r"买入|卖出|下单|买卖操作|限价订单|\b(places?|submits?) (a|an) (new )?(market|limit|buy|sell|stop)[- ](order|trade)"
                ),
            ),
            LOOKING,
            text(
                r"\b(sort order|draft order|indexes|card from your|lists? (the |all )?orders|place ?holder|work order|event order|order of|reorder)\b"
            ),
            act("@look", "@compute"),
            words_in_name(
                "index",
                "indexes",
                "reorder",
                "component",
                "instance",
                "deck",
                "sideboard",
                "marketplace",
                "face",
                "note",
                "purchased",
            ),
        ),
        positive=(
            Example("place_order", "Place a market order."),
            Example("cancel_order", "Cancel an open order."),
            Example("swap_tokens"),
        ),
        negative=(Example("list_orders", "List the orders."), Example("get_trades", "Get past trades.")),
    ),
    Rule(
        id="sends-value",
        odds=CERTAIN,
        argues_for="Financial",
        title="Sends or transfers coins, tokens or money",
        rationale="Value leaves the sender.",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "send",
                    "transfer",
                    "approve",
                    "wrap",
                    "unwrap",
                    "supply",
                    "delegate",
                    "undelegate",
                    "redelegate",
                    "burn",
                    "mint",
                    "launch",
                    "claim",
                    "lock",
                    "revoke",
                    "add",
                    "remove",
                    "bridge",
                    objects=COIN + r"|\b(liquidity|collateral|rewards?|validator|spender)\b",
                ),
                name_pattern(
                    r"\b(send|transfer|approve|wrap|unwrap|supply|delegate|burn|mint|launch|lock|claim|revoke) (\w+ )*(sol|eth|btc|bnb|usdc|usdt|erc ?20|erc ?721|nft|token|tokens|coin|coins|funds|money|rewards|payment|mana|native|approval|allowance|spender)\b|\b(add|remove) (liquidity|collateral)\b"
                ),
                all_of(
                    act("send", "transfer"),
                    parameter(r"^(amount|value|amount in \w+|amount sats|lamports|amount eth|token amount)$"),
                ),
                all_of(
                    parameter(r"^(amount|value|amount \w+|token amount)$", required=True),
                    parameter(
                        r"^(private key|wallet private key|mnemonic|to address|recipient( address)?|destination( address)?|spender|payee id|to)$"
                    ),
                ),
            ),
            LOOKING,
            text(
                r"\b(mapbox|access token|api token|authentication|generate a transfer message|prepare|does not send|without sending)\b"
            ),
            words_in_name(
                "api", "auth", "access", "design", "refresh", "user", "issue", "file", "repo", "calculate"
            ),
            act("@look", "@compute"),
        ),
        positive=(
            Example("send_eth", "Send ETH to an address."),
            Example("transfer_tokens"),
            Example("approve_erc20"),
        ),
        negative=(
            Example("get_token_balance", "Get the balance of a token."),
            Example("create_api_token", "Create an API access token."),
        ),
    ),
    Rule(
        id="broadcasts-a-transaction",
        odds=CERTAIN,
        argues_for="Financial",
        title="Signs and sends or broadcasts a chain transaction",
        rationale="A broadcast transaction cannot be taken back (rule 19).",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "broadcast",
                    "send",
                    "submit",
                    "execute",
                    "sign",
                    objects=r"\b(transactions?|tx|txn|signed transaction|swap transaction|raw transaction|contract call|sign doc|psbt|userop\w*)\b",
                ),
                name_pattern(
                    r"\b(broadcast|send|submit|execute) (\w+ )*(transaction|tx|txn|contract)\b|\bwrite (\w+ )?contract\b"
                ),
                all_of(
                    parameter(r"^(private key|wallet private key|mnemonic|seed phrase)$", required=True),
                    act("execute", "call", "deploy", "mint", "create", "send", "transfer", "write"),
                ),
            ),
            LOOKING,
            text(
                r"\b(without (sending|broadcasting)|does not (send|broadcast)|database transaction|bank statement|partially signed|sentry|ynab|without creating a transaction)\b"
            ),
            words_in_name("begin", "commit", "rollback", "wallet_sign"),
        ),
        positive=(Example("send_transaction", "Send a transaction."), Example("broadcast_tx")),
        negative=(
            Example("get_transaction", "Get a transaction."),
            Example("sign_transaction", "Sign a transaction without sending it."),
        ),
    ),
)

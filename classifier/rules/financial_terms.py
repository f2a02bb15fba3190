"""Rules that argue for Financial: contracts, terms and purchases (codebook, tie-breaks 10 and 19)."""

from __future__ import annotations

from typing import Final

from classifier.rules.money import LOOKING
from classifier.rules.rule import (
    CERTAIN,
    Example,
    Rule,
    act,
    any_of,
    but_not,
    name_pattern,
    text,
    words_in_name,
)

TERMS: Final[tuple[Rule, ...]] = (
    Rule(
        id="changes-a-contract",
        odds=CERTAIN,
        argues_for="Financial",
        title="Starts, changes or cancels a paid subscription or plan",
        rationale="It changes what will be paid (rule 10).",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "cancel",
                    "create",
                    "update",
                    "subscribe",
                    "pause",
                    "resume",
                    "renew",
                    "upgrade",
                    "change",
                    "modify",
                    "reactivate",
                    "downgrade",
                    "start",
                    "add",
                    "terminate",
                    "approve",
                    "edit",
                    objects=r"\b(subscriptions?|subscription items?|mandate|membership plan|billing|auto-?renew(al)?|paid plan|sip|policy renewal|payment method|payment methods|pricing plan)\b",
                ),
                name_pattern(
                    r"\b(cancel|create|update|pause|resume|renew|upgrade|modify|reactivate) (\w+ )*subscription( \w+)?$|\bsubscriptions? (create|cancel|update)\b"
                ),
            ),
            LOOKING,
            text(
                r"\b(notifications?|webhook|topics?|events?|pub/?sub|newsletter|azure subscription|repository|mailing|contacts?|email|calendar|feed|rss|graphql subscription|change notifications|resource)\b"
            ),
            words_in_name(
                "notification",
                "notifications",
                "topic",
                "webhook",
                "event",
                "events",
                "repo",
                "pubsub",
                "status",
                "communications",
                "feed",
                "calendar",
                "eventsub",
                "azure",
            ),
        ),
        positive=(Example("cancel_subscription", "Cancel a subscription."), Example("update_subscription")),
        negative=(
            Example("create_topic_subscription", "Subscribe to a topic of events."),
            Example("list_subscriptions", "List subscriptions."),
        ),
    ),
    Rule(
        id="sets-terms",
        odds=CERTAIN,
        argues_for="Financial",
        title="Makes or changes a price, an invoice, a coupon, a plan or a payment link",
        rationale="It changes the terms under which money will move; High until it is committed (rule 19).",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "create",
                    "update",
                    "send",
                    "finalize",
                    "void",
                    "issue",
                    "make",
                    "add",
                    "edit",
                    "set",
                    "change",
                    "generate",
                    "modify",
                    "adjust",
                    "deactivate",
                    "initialize",
                    "approve",
                    "define",
                    "increase",
                    "raise",
                    objects=r"\b(invoices?|invoice items?|line items?|prices?|pricing|coupons?|coupon codes?|promotion codes?|discounts?|payment links?|payment intents?|checkouts?( sessions?)?|price rules?|credit notes?|bid modifiers?|(ad |campaign |daily )?budgets?|payment requests?|quote|estimate|gift cards?|bids?|billing plans?|setup intent|payment pages?|payment plan|cpc|disputes?|dispute claim|purchase orders?)\b",
                ),
                name_pattern(
                    r"\b(create|update|send|finalize|void|issue|set|add|change|generate|make) (\w+ )*(invoice|invoice item|price|coupon|coupon code|promotion code|discount|payment link|payment intent|checkout|checkout session|gift card|payment request|purchase order|budget|bid)\b|\b(invoices?|prices?|coupons?|payment links?|checkouts?) (create|update|send|void|finalize)\b"
                ),
            ),
            LOOKING,
            text(r"\b(personal budget|reminder for an invoice|price alert|draft)\b"),
            words_in_name(
                "alert", "alerts", "reminder", "image", "attachment", "comment", "categorize", "report"
            ),
        ),
        positive=(
            Example("create_invoice", "Create an invoice."),
            Example("create_coupon"),
            Example("update_price", "Change the price of a product."),
        ),
        negative=(
            Example("list_invoices", "List invoices."),
            Example("send_invoice_reminder", "Send a reminder for an invoice."),
        ),
    ),
    Rule(
        id="books-or-buys",
        odds=CERTAIN,
        argues_for="Financial",
        title="Books, orders or buys goods and services",
        rationale="The booking binds someone to pay.",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "book",
                    "purchase",
                    "buy",
                    "order",
                    "checkout",
                    "reserve",
                    "rent",
                    objects=r"\b(hotel|hotels|flight|flights|tickets?|rooms?|food|pizza|ride|domain|domains|product|products|item|items|groceries|order|virtual machine|vm|server|hosting|number|phone number|proxy|proxies|credits|car|train|cart)\b",
                ),
                name_pattern(
                    r"\b(book|order|purchase|buy) (\w+ )*(hotel|flight|ticket|tickets|room|food|pizza|ride|domain|vm|hosting|number|proxy|credits|car|train|product)\b|^(checkout|place order|purchase)$|\bpurchase (\w+ )+|\bx402\b"
                ),
                text(
                    r"\b(completes? (the )?(purchase|checkout|booking)|places? (an|the|your) order|costs? paid via|initiates? a (hotel|flight) booking)\b"
                ),
            ),
            LOOKING,
            text(r"\b(meeting room|appointment|calendar|pull request)\b"),
        ),
        positive=(Example("book_hotel", "Book a hotel room."), Example("purchase_domain")),
        negative=(Example("search_hotels", "Search hotels."), Example("get_domain", "Get a domain.")),
    ),
)

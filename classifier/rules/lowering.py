"""Rules for the modifiers that lower the risk (codebook, "Risk" and tie-breaks 18, 19, 22 to 24)."""

from __future__ import annotations

from typing import Final

from classifier.rules.execute_models import MODELS
from classifier.rules.execute_outside import OUTSIDE
from classifier.rules.rule import (
    Example,
    Rule,
    act,
    all_of,
    any_of,
    but_not,
    name_pattern,
    text,
    words_in_name,
)
from classifier.rules.session import OWN_SESSION
from classifier.rules.write import RECOVERABLE

_BY_ID: Final = {rule.id: rule.matcher for rule in (*OUTSIDE, *MODELS)}
_MODEL: Final = any_of(_BY_ID["asks-a-model"], _BY_ID["generates-media"])

LOWERING: Final[tuple[Rule, ...]] = (
    Rule(
        id="own-session",
        argues_for="own_session",
        direction=-1,
        title="Touches only this session's state",
        rationale="Nobody else sees it, and the next session starts fresh (rule 23).",
        since="1",
        matcher=OWN_SESSION,
        positive=(
            Example("browser_navigate", "Navigate to a URL."),
            Example("close_session", "Close the session."),
            Example("pause_playback"),
            Example("hover", "Hover over an element."),
            Example("browser_create_session"),
            Example("play_track", "Play a track."),
        ),
        negative=(
            Example("browser_click", "Click an element."),
            Example("delete_user", "Delete a user."),
            Example("end_job", "Ends a running job; it cannot be resumed."),
            Example("login", "Log in with user name and password."),
            Example("connect_relation", "Connect related entries."),
            Example("volume_delete"),
            Example("sign_message", "Sign a message with the wallet."),
            Example("close_position"),
        ),
    ),
    Rule(
        id="hosted-model",
        argues_for="hosted_model",
        direction=-1,
        title="Only a hosted model answers or generates",
        rationale="Something runs outside but nothing is recorded there: Medium (rule 18, worked example `text_to_speech`).",
        since="1",
        matcher=but_not(
            any_of(
                _MODEL,
                act(
                    "generate",
                    "synthesize",
                    "speak",
                    "ask",
                    "chat",
                    "brainstorm",
                    "imagine",
                    "converse",
                    "upscale",
                    "prompt",
                    "remix",
                    "paint",
                    "infill",
                    "rewrite",
                    objects=r"^$|.",
                ),
                name_pattern(
                    r"\b(generate|speak|say|ask|chat|prompt|brainstorm|imagine|midjourney|stability|dalle|llm|gemini|openai|gpt|completion|tts|reason|reasoning|consult|perplexity)\b"
                ),
                text(
                    r"\b(llms?|(ai|language|gemini|various|multiple|hosted) (models?|llms?)|llm providers?|dall-?e|midjourney|text[- ]to[- ](speech|image|video))\b",
                    lead=True,
                ),
            ),
            act("@run", "@delete", "@contact", "@pay", "deploy"),
            text(
                r"\b(job|train|training|deploy|shell|terminal|command|edit files|file operations|browser|remote control|phone call)\b",
                lead=True,
            ),
            words_in_name("claude", "codex", "test", "tests", "build", "command", "deploy"),
        ),
        positive=(
            Example("generate_image", "Generate an image."),
            Example("ask_gemini", "Ask Gemini."),
            Example("text_to_speech"),
        ),
        negative=(Example("run_job", "Run a job."), Example("send_email", "Send an e-mail.")),
    ),
    Rule(
        id="terms-not-yet-binding",
        argues_for="money_terms",
        direction=-1,
        title="Makes a price, an invoice, a coupon, a plan or a link",
        rationale="A claim or an offer: nothing moves until a later step commits it (rule 19).",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "create",
                    "make",
                    "add",
                    "generate",
                    "initialize",
                    "define",
                    "request",
                    "prepare",
                    "deactivate",
                    "sign",
                    "issue",
                    objects=r"\b(invoices?|invoice items?|line items?|prices?|coupons?|coupon codes?|payment links?|payment requests?|checkouts?( sessions?)?|plans?|subscription plans?|discounts?|promotion codes?|quote|estimate|credit notes?|payment intents?|gift cards?|airdrop|price rules?|payment pages?|purchase orders?|waybill|referral)\b",
                ),
                name_pattern(
                    r"\b(create|add|make|generate|deactivate) (\w+ )*(invoice|invoice item|price|coupon|coupon code|payment link|payment request|checkout|plan|discount|promotion code|payment intent|gift card|price rule)\b|^(\w+ )?(initialize|sign) transaction$|\bfaucet\b"
                ),
            ),
            text(r"\b(finali[sz]e|charges? the|immediately charged|broadcast)\b", lead=True),
        ),
        positive=(
            Example("create_invoice", "Create an invoice."),
            Example("create_price"),
            Example("create_payment_link"),
        ),
        negative=(Example("pay_invoice", "Pay an invoice."), Example("create_payment", "Make a payment.")),
    ),
    Rule(
        id="small-object",
        argues_for="small_object",
        direction=-1,
        title="Only a reaction, a bookmark, a label or a note of one's own",
        rationale="Little is lost or changed (worked example `remove_label_from_issue`).",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "delete",
                    "remove",
                    "clear",
                    "reset",
                    objects=r"\b(comments?|reactions?|(daily |own |private |shared |my )?notes?|memo|bookmarks?|drafts?|reply|replies|likes?|stars?|highlights?|slicer|picture|profile picture|entry from|checkitem|breakpoints?|cart|annotations?|ratings?|date|due date|status|reminder|todo|pending (pull request )?review|(\w+ )+setting|layout)\b",
                ),
                act("clear", "reset", objects=r"\bclipboard\b"),
                act(
                    "send",
                    "display",
                    "show",
                    "start",
                    objects=r"\b((system|desktop|native|macos|banner) notification|typing|typing indicator)\b",
                ),
                text(
                    r"\b(removes?|deletes?|detach(es)?|unassigns?) [^.\n]{0,30}\b(tags?|labels?)\b[^.\n]{0,20}\bfrom\b",
                    lead=True,
                ),
                act(
                    "star",
                    "unstar",
                    "like",
                    "unlike",
                    "follow",
                    "unfollow",
                    "favorite",
                    "unfavorite",
                    "favourite",
                    "unfavourite",
                    "bookmark",
                    "react",
                    "upvote",
                    "pin",
                    "unpin",
                    "tag",
                    "untag",
                    "label",
                    "vote",
                    "downvote",
                    "watch",
                    objects=r"^$|.",
                ),
                act(
                    "add",
                    "create",
                    "set",
                    "assign",
                    "toggle",
                    "unassign",
                    objects=r"\b(reactions?|labels? to|tags? to|tags?|labels?|emoji|bookmarks?|favorites?|favourites?|watchlist|star|like|vote|hashtags?)\b",
                ),
                name_pattern(
                    r"\b(add|remove|delete) (\w+ )*(reaction|comment|bookmark|star|like|note|draft|breakpoint|vote|reply|favorite|favourite)s?\b|\badd (\w+ )*(label|tag)s?\b|\b(remove|delete|detach) (\w+ )*(label|tag)s? from\b|\b(un)?(star|like|follow|favou?rite|pin|tag|bookmark|upvote|watch) (\w+)|\b(comment|reaction|draft|note|memo|bookmark) (delete|remove)\b"
                ),
            ),
            act(
                "create",
                "add",
                objects=r"\b(comments?|notes?|memory|memories|annotation|tags? (group|definition|template)|labels? (definition|template)|new (tag|label))\b",
            ),
            act("@look"),
            words_in_name("get", "list", "search", "watch_time", "create"),
            text(r"\bcreate (a )?new (label|tag)\b", lead=True),
        ),
        positive=(
            Example("delete_comment", "Delete a comment."),
            Example("star_repository"),
            Example("add_reaction"),
            Example("remove_tag_from_task", "Remove a tag from a task."),
            Example("reset_paging", "Reset the paging setting to its default."),
        ),
        negative=(
            Example("delete_repository", "Delete a repository."),
            Example("get_note", "Get a note."),
            Example("delete_tag", "Delete a tag."),
            Example("mark_resolved", "Mark an issue as resolved."),
        ),
    ),
    Rule(
        id="sandboxed",
        argues_for="sandboxed",
        direction=-1,
        title="Runs in a sandbox",
        rationale="What happens there stays there.",
        since="1",
        matcher=any_of(
            text(
                r"\b(sandbox(ed)?|isolated (environment|container|vm)|pyodide|e2b|wasm|localstack|dynamodb local|secure(ly)? (isolated|container))\b",
                unless=r"\b(no|not|without|outside|disable\w*|bypass\w*) (a |the )?sandbox|\bsandbox mode|-s\b|\b(paypal|api|payment) sandbox",
            ),
            name_pattern(r"\b(sandbox|localstack|pyodide|sandock)\b"),
        ),
        positive=(Example("run_code", "Run code in a sandbox."), Example("sandbox_exec")),
        negative=(
            Example("run_code", "Run code on this machine."),
            Example("run_code", "Run code outside the sandbox."),
        ),
    ),
    Rule(
        id="simulated",
        argues_for="simulated",
        direction=-1,
        title="Only simulates, or acts in a game or a test network",
        rationale="Nothing real changes.",
        since="1",
        matcher=any_of(
            text(
                r"\b(simulat(ed|es|ion of)|simulated|paper trading|testnet|devnet|not implemented|mock|game ?boy|for testing purposes|demo purposes)\b",
                lead=True,
                unless=r"\bsimulat(es?|ed|ing) (a |the )?(key|mouse|press|click|touch)|\b(simulator|mock(ing)? (api|server)|if|unless)\b|mainnet",
            ),
            name_pattern(r"\b(simulated|mock|testnet|faucet)\b"),
        ),
        positive=(
            Example("toggle_simulated_logging"),
            Example("trade", "Trade on paper: simulated orders only."),
        ),
        negative=(
            Example("place_order", "Place an order."),
            Example("boot_sim", "Boot an iOS simulator."),
            Example("press_key", "Simulates pressing a key."),
        ),
    ),
    Rule(
        id="draft",
        argues_for="draft",
        direction=-1,
        title="Makes a draft that a later step commits",
        rationale="The draft binds nobody (rule 13).",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "create",
                    "save",
                    "add",
                    "prepare",
                    "submit",
                    "draft",
                    "make",
                    "write",
                    "compose",
                    objects=r"\bdrafts?\b",
                ),
                name_pattern(
                    r"\b(create|save|prepare) (\w+ )*draft\b|\bdraft (\w+ )*(order|email|create|reply)\b"
                ),
                text(r"\b(as a draft|activity draft|without (sending|broadcasting))\b", lead=True),
            ),
            act("@look"),
            words_in_name("send", "delete", "pull", "pr", "publish"),
        ),
        positive=(Example("create_draft", "Create a draft."), Example("create_draft_order")),
        negative=(Example("send_draft", "Send a draft."), Example("delete_draft", "Delete a draft.")),
    ),
    Rule(
        id="dry-run-by-default",
        argues_for="dry_run_default",
        direction=-1,
        title="A dry run unless told otherwise",
        rationale="The default call changes nothing (rules 3 and 22).",
        since="1",
        matcher=text(
            r"\b(dry[- ]run (by default|is the default|mode by default)|defaults? to (a )?dry[- ]run|by default[^.\n]{0,30}dry[- ]run)\b"
        ),
        positive=(
            Example("cleanup", "Remove old files. Dry run by default."),
            Example("migrate", "Defaults to a dry run."),
        ),
        negative=(Example("cleanup", "Remove old files."), Example("cleanup", "Supports dry_run.")),
    ),
    Rule(
        id="undo-stated",
        argues_for="undo_stated",
        title="A way back is stated",
        rationale="It already made the tool a Write instead of a Destructive; noted, no further step.",
        since="1",
        matcher=all_of(RECOVERABLE, act("delete", "remove", "trash", "clear", "move")),
        positive=(
            Example("delete_task", "Move a task to the trash."),
            Example("delete_survey", "Delete a survey (soft delete)."),
        ),
        negative=(Example("delete_task", "Delete a task."), Example("list_trash", "List the trash.")),
    ),
    Rule(
        id="needs-confirmation",
        argues_for="confirm_token",
        direction=-1,
        title="Works only with a token from an earlier step, or after a person's approval",
        rationale="A second party or step stands between; a flag that the caller sets does not count (rule 20).",
        since="1",
        matcher=text(
            r"\b(requires? (admin|human|manual) approval|confirmation (token|code) (from|returned|obtained)|must be approved (by|in))\b"
        ),
        positive=(
            Example("request_payment", "Request a payment that requires admin approval."),
            Example("apply", "Needs the confirmation token returned by plan."),
        ),
        negative=(Example("delete_all", "Set confirm to true."), Example("approve", "Approve a request.")),
    ),
)

"""Rules that argue for Read (codebook, "Category" and tie-breaks 3, 6, 18, 21 and 24)."""

from __future__ import annotations

from typing import Final

from classifier.rules.rule import Example, Rule, act, all_of, any_of, but_not, name_pattern, parameter, text

READ_ONLY: Final = any_of(
    text(
        r"\bread[- ]only\b|\b(select|explain|show)[- ](only|statements? only)\b|\bonly (select|read|get|query)\b|"
        r"\bselect (query|queries|statements?)\b|\b(does not|doesn't|will not|won't|never|without) (actually )?(modify|change|write|execute|perform|alter|mutate|update|save|changing|modifying|executing|writing|creating (it|the|any))\b|"
        r"\bno (changes|side effects|modifications?|data (is|are) (changed|modified))\b|\bdry[- ]run (only|mode|validation)\b|只读|읽기 전용",
        unless=r"\b(if|unless|when) (it|the|you|set|not|no)\b|archiv|duplicate|non-existent|actual files|read-only and non|non-read-only|not read-only|read-only (mode|=|flag|parameter)",
    ),
)
GUIDANCE: Final = text(
    r"\b(guides?|guidelines?|guidance|instructions?|recommendations?|best practices|documentation|examples?|how to|template code|boilerplate|code snippet|usage|commands? (for|to)|reference|tutorial|prompt template)\b",
    lead=True,
    unless=r"\b(follow(ing)?|according to|based on|given|natural language|with|custom) (the |your |an? )?(instructions?|guidelines?|prompt|template)|\b(for|see) (the )?(example|usage|documentation)|save|write|create a|add|update|generate and",
)
CALCULATION: Final = text(
    r"\b(calculat|comput|convert|estimat|simulat|validat|diagnos|compar|forecast|predict|optimi[sz]|analy[sz])\w*\b",
    lead=True,
    unless=r"\b(trigger|deploy|launch|start|restart|job|save|write|store|schedule)\w*\b",
)
_LOOKS: Final = act("@look")

READ: Final[tuple[Rule, ...]] = (
    Rule(
        id="looks-up",
        argues_for="Read",
        title="Gets, lists, searches, checks or describes",
        rationale="Nothing outside the call is different afterwards.",
        since="1",
        matcher=but_not(
            _LOOKS,
            parameter(
                r"^(output|save|export|target|download) ?(path|file|dir|directory|folder)$", required=True
            ),
            text(
                r"\b(and|then) (save|store|write|update|create|delete|send|execute|run|install|add|play|trigger|archive|download)s? "
            ),
            act(
                "answer",
                "load",
                "pull",
                "test",
                "track",
                "present",
                "check",
                "find",
                "select",
                "resolve",
                "watch",
                "monitor",
                "translate",
                "help",
                "display",
                "show",
                "sample",
            ),
        ),
        positive=(Example("list_jobs", "List the jobs."), Example("get_invoice")),
        negative=(
            Example("search_and_play", "Search for a song and play it."),
            Example("delete_job", "Delete a job."),
        ),
    ),
    Rule(
        id="computes",
        argues_for="Read",
        title="Computes, converts or validates what it is given",
        rationale="Pure computation touches nothing.",
        since="1",
        matcher=but_not(
            any_of(act("@compute"), act("convert", "validate", "lint", "format")),
            parameter(r"(output|save|dest|destination|target) ?(path|file|dir|directory|folder)"),
            parameter(r"^(code|script|command)$"),
            text(
                r"\b(save|saves|write|writes|store|stores|file|files|issue|subtask|job|database|playlist|node|execute|solana|usdc|swap)\b",
                lead=True,
            ),
        ),
        positive=(Example("calculate_tax", "Calculate the tax of an amount."), Example("base64_encode")),
        negative=(
            Example("convert_issue", "Convert an issue to a subtask."),
            Example("run_code", "Evaluate code.", {"code": {"type": "string"}}),
        ),
    ),
    Rule(
        id="states-read-only",
        argues_for="Read",
        title="States that it only reads",
        rationale="A limit stated in the text counts (rules 3 and 6).",
        since="1",
        matcher=but_not(
            READ_ONLY, act("@create", "@update", "@delete", "@ease", "@contact", "@pay", "@manage", "sign")
        ),
        positive=(
            Example("query", "Run a read-only SQL query."),
            Example("preview", "Shows the plan without changing anything."),
        ),
        negative=(Example("query", "Run a SQL query."), Example("delete", "Delete a row.")),
    ),
    Rule(
        id="plans-or-previews",
        argues_for="Read",
        title="Plans, previews, simulates or drafts into the answer",
        rationale="A dry run is a Read; the step that commits is another tool (rule 13).",
        since="1",
        matcher=any_of(
            name_pattern(
                r"^(plan|preview|dry run|simulate|estimate|quote|explain|suggest|recommend|forecast|predict|validate|verify|diff|compare)\b|"
                r"\b(tf|terraform) plan\b|\b(preview|dry run|simulate|estimate|forecast|diff)$"
            ),
            act(
                "preview", "simulate", "estimate", "suggest", "recommend", "propose", "explain", "brainstorm"
            ),
            text(
                r"\b(dry[- ]run|previews?|what would (happen|change)|unsigned transaction|execution plan)\b",
                lead=True,
            ),
        ),
        positive=(
            Example("tf_plan", "Show what would change."),
            Example("preview_invoice", "Preview the next invoice."),
        ),
        negative=(Example("apply_plan", "Apply it."), Example("create_plan", "Create a plan.")),
    ),
    Rule(
        id="gives-guidance",
        argues_for="Read",
        title="Gives instructions, examples or documentation",
        rationale="Text is handed to the caller, nothing is done.",
        since="1",
        matcher=any_of(
            but_not(
                GUIDANCE,
                act("@create", "@update", "@delete", "@remove", "@run", "@contact", "@pay", "@store"),
            ),
            name_pattern(
                r"\b(docs?|documentation|guide|guidelines|help|instructions|examples?|best practices|reference|tutorial|usage|schema|readme)$"
            ),
            act(
                "generate",
                "build",
                "produce",
                objects=r"\b(code|snippet|snippets|boilerplate|yaml|configuration|config|schema|query|queries|regex|commands?|prompts?|template code|types|interfaces?|ideas?|recommendations?|insights?|report|summary|outline|uuid|uuids|mermaid|svg|chart|qr|qr code|handler)\b",
            ),
        ),
        positive=(Example("get_started", "Returns a guide to the first steps."), Example("api_docs")),
        negative=(Example("save_note", "Save a note."), Example("run_script", "Run a script.")),
    ),
    Rule(
        id="thinks",
        argues_for="Read",
        title="A thinking aid",
        rationale="It touches nothing (worked example `sequentialthinking`).",
        since="1",
        matcher=any_of(
            name_pattern(r"\b(sequential ?thinking|think|thinking|scratchpad|mental model)$"),
            parameter(r"^(thought|next thought needed|thought number)$"),
        ),
        positive=(Example("sequentialthinking"), Example("reason", None, {"thought": {"type": "string"}})),
        negative=(Example("create_note", "Create a note."), Example("run_agent", "Run an agent.")),
    ),
    Rule(
        id="asks-the-user",
        argues_for="Read",
        title="Asks the user something, or waits",
        rationale="A question to the person at the screen changes nothing (rule 18).",
        since="1",
        matcher=any_of(
            act(
                "ask",
                "prompt",
                "request",
                objects=r"\b(the user|user|human|clarification|feedback|confirmation|user input|input)\b",
            ),
            text(
                r"\b(asks?|prompts?) (the )?(user|human)\b|\brequests? (user|human) (input|feedback|confirmation)\b",
                lead=True,
            ),
            name_pattern(r"\b(ask (the )?(user|human)|interactive feedback|wait|sleep|wait for)\b"),
        ),
        positive=(Example("ask_user", "Ask the user a question."), Example("wait_for_element")),
        negative=(Example("ask_gemini", "Ask the Gemini model."), Example("create_user", "Create a user.")),
    ),
    Rule(
        id="analyses-given-content",
        argues_for="Read",
        title="A hosted model analyses, transcribes or translates what it is given",
        rationale="Nothing is recorded; the answer is about the input (rule 24).",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "transcribe",
                    "translate",
                    "describe",
                    "classify",
                    "recognize",
                    "summarize",
                    "ocr",
                    "analyze",
                    "detect",
                    "extract",
                    "identify",
                    "caption",
                ),
                name_pattern(
                    r"\b(transcribe|translate|describe|classify|summarize|ocr|analyze|detect|caption)\b"
                ),
            ),
            act("translate", objects=r"\b(stl|model|layer|shape|node|object)\b"),
            text(r"\b(saves?|stores?|writes?) [^.]{0,40}(file|database|disk)\b"),
        ),
        positive=(
            Example("transcribe", "Transcribe an audio file."),
            Example("describe_image", "Describe an image."),
        ),
        negative=(
            Example("generate_image", "Generate an image."),
            Example("translate_stl", "Translate STL model along an axis."),
        ),
    ),
    Rule(
        id="prepares-a-transaction",
        argues_for="Read",
        title="Builds or quotes a transaction without sending it",
        rationale="A quote or an unsigned transaction moves nothing yet (rule 13).",
        since="1",
        matcher=any_of(
            act(
                "build",
                "prepare",
                "quote",
                "generate",
                "construct",
                "get",
                "simulate",
                "encode",
                "decode",
                "price",
                "calculate",
                objects=r"\b(transactions?|transfer message|swap|quote|quotes|calldata|orders?|fees?|psbt)\b",
            ),
            text(
                r"\bunsigned (transaction|tx)\b|\b(returns?|builds?|prepares?) (the )?(transaction|calldata) (data|for|to be signed)"
            ),
        ),
        positive=(
            Example("build_swap_transaction", "Build a swap transaction."),
            Example("get_quote", "Get a quote."),
        ),
        negative=(
            Example("send_transaction", "Send a transaction."),
            Example("place_order", "Place an order."),
        ),
    ),
    Rule(
        id="noun-only-name",
        argues_for="Read",
        title="A name of nouns, with a query or nothing to fill in",
        rationale="With no verb and no open argument a tool most often looks something up (rule 14).",
        since="1",
        matcher=all_of(
            name_pattern(
                r"\b(info|status|details?|list|history|stats|statistics|metrics|summary|report|search|lookup|forecast|weather|news|price|prices|balance|version|health|logs?|events|schema|count|profile|overview|data|trending|ranking|feed)$"
            ),
            but_not(
                name_pattern(r"."),
                act(
                    "@create",
                    "@update",
                    "@delete",
                    "@run",
                    "@store",
                    "@remove",
                    "@contact",
                    "@pay",
                    "@cancel",
                    "@ease",
                    "@publish",
                    "@reset",
                    "@generate",
                    "@drive",
                    "@stop",
                    "@grant",
                    "@manage",
                    "@transfer",
                    "@signin",
                ),
            ),
        ),
        positive=(Example("server_status"), Example("weather_forecast", "Weather for the next days.")),
        negative=(Example("delete_history", "Delete the history."), Example("update_status")),
    ),
)

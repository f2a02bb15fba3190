"""Rules for the modifiers that raise the risk by what the call does (codebook, "Risk", tie-breaks 5, 12, 17)."""

from __future__ import annotations

from typing import Final

from classifier.rules.raising_words import CHANGES, MANY, STRING
from classifier.rules.read import READ_ONLY
from classifier.rules.rule import (
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

# What a call itself brings up, nobody depends on yet.
_BRINGS_UP: Final = act(
    "create", "provision", "launch", objects=r"\b(clusters?|replication groups?|hosts?)\b"
)
# One file, one screen or one question, however many parts it has.
_ON_ONE: Final = any_of(
    act(
        "export",
        "download",
        "merge",
        "combine",
        "split",
        "stage",
        "unstage",
        "fill",
        "upload",
        "choose",
        "prompt",
    ),
    act("@drive"),
    name_pattern(r"\bmulti(ple)? (choice|tool|agent|step|message|model|browser\w*)\b|\bfill form\b"),
)

EFFECTS: Final[tuple[Rule, ...]] = (
    Rule(
        id="bulk-change",
        argues_for="bulk",
        direction=1,
        title="Changes many records in one call",
        rationale="One mistaken call harms all of them; the text must say so, a list parameter alone does not (rule 17).",
        since="1",
        matcher=all_of(
            any_of(
                text(
                    MANY,
                    lead=True,
                    unless=r"\bmultiple (fields|options|formats|times|ways|types|modes|languages|sources|lines|content types)\b|\b(supports?|using|with|across) multiple\b|\bbatch (jobs?|predictions?)\b|of multiple types|\bmultiple[- ](choice|repositories|llms?|models?|steps|actions|answers|agents?|form|elements)\b|multi-session|instead|\bone or multiple\b",
                ),
                text(
                    r"\b(all|every|entire|each of) (the |your |of the |existing |my |completed |unread |user'?s? |specified |messages|notifications|items|records|rows|data|documents|tasks|files|threads|entries|memories|issues|emails|contact|subscribers|followers|employees|workers|pending)\w*",
                    lead=True,
                    unless=r"all (the )?(properties|fields|details|information|metadata|settings|attributes|associated)|delete a|remove a|\b(after|when|once|until|unless|whether) all\b",
                ),
                name_pattern(
                    r"\b(bulk|batch|multiple|mass|many|all|multi)\b|\bbroadcast (\w+ )*(message|mail|campaign)"
                ),
                text(r"批量|일괄|一括"),
            ),
            but_not(CHANGES, _ON_ONE),
        ),
        positive=(
            Example("bulk_update", "Update multiple records at once."),
            Example("delete_all_messages"),
            Example("broadcast_message", "Broadcast a message to all subscribers."),
        ),
        negative=(
            Example("update_record", "Update a record.", {"ids": {"type": "array"}}),
            Example("list_all", "List all records."),
            Example("fill_form", "Fill multiple form fields."),
            Example("merge_pdfs", "Merge multiple PDF files."),
            Example("close_request", "Finish a request after all tasks are done."),
        ),
    ),
    Rule(
        id="plural-creation",
        argues_for="bulk",
        direction=1,
        title="Creates or deletes a plural, given a list of them",
        rationale="Name and text speak of many, and the argument is a list.",
        since="1",
        matcher=all_of(
            name_pattern(
                r"^(\w+ )?(create|delete|add|remove|update|move|archive) (entities|relations|observations|records|items|tasks|issues|documents|rows|files|contacts|messages|users|memories|nodes|events|contents|vectors|points|pages|objects)$"
            ),
            any_of(
                text(r"\b(multiple|entities|relations|several|list of|array of)\b"),
                parameter(r"s$|list$|^ids|array", kind="array"),
            ),
        ),
        positive=(
            Example("create_entities", "Create multiple entities in the graph."),
            Example("delete_rows", None, {"rows": {"type": "array"}}),
        ),
        negative=(Example("create_entity", "Create an entity."), Example("list_entities", "List entities.")),
    ),
    Rule(
        id="overwrites-content",
        argues_for="overwrites",
        direction=1,
        title="Replaces a whole content",
        rationale="What stood there before is gone unless someone kept it (rules 7 and 17).",
        since="1",
        matcher=but_not(
            any_of(
                text(
                    r"\b(overwrit(e|es|ing)|overridden|replaces? (the |all |any |an? )?(entire|whole|existing|current|full|complete|old)( \w+)?|completely replac\w+|replace (all|any) |\b(inserts?|creates?|adds?) or replac)",
                    unless=r"\b(does not|doesn't|without|never|not|avoid|prevent|fails? if|instead of|no) (\w+ ){0,3}overwrit|optional|if (set|true)",
                ),
                name_pattern(
                    r"^(\w+ )?(write file|file write|set (value|content|file contents|env|key|config)|replace (content|page|all|file)|overwrite( \w+)?|write (to )?file|update file contents|edgeone|put \w+ policy)$"
                ),
                act("write", objects=r"^(file|content|contents|text)( |$)"),
                act("replace"),
                act("set", objects=r"^(value|blob|text content|dns records?)( |$)"),
            ),
            words_in_name("restore", "search", "append", "comment", "read", "create", "find"),
            act("@look", "@compute", "@generate", "@delete"),
        ),
        positive=(
            Example("write_file", "Write a file, overwriting what is there."),
            Example("set_value"),
            Example("replace_roles", "Replace the roles of a group."),
        ),
        negative=(
            Example("append_file", "Append to a file."),
            Example("update_issue", "Update an issue."),
            Example("write_points", "Write data points to the database."),
        ),
    ),
    Rule(
        id="runs-on-host",
        argues_for="host_shell",
        direction=1,
        title="Runs arbitrary commands or code on the host",
        rationale="Everything the user can do, the call can do.",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "@run",
                    "interact",
                    objects=r"\b((shell |terminal |bash |ssh |cli |system |powershell |cmd |gdb |vim |neovim |wsl |raw |any |arbitrary |single |remote )*commands?|applescript|jxa|shell|bash|powershell|(arbitrary )?(python|javascript|typescript|c|clojure|lua|js|ruby|java) (code|script|expression)|(arbitrary |python )?code|process input)\b|^(python|javascript|typescript)$",
                ),
                act("write", "send", objects=r"\b(terminal|repl|shell|running process|terminal process)\b"),
                act("evaluate", objects=r"\b(python|javascript|clojure|lua) (code|script|expression)\b"),
                act("send", objects=r"\b(c|python|javascript) code\b"),
                act("spawn", objects=r"\b(program|process|command|shell)\b"),
                name_pattern(
                    r"^(\w+ )*(execute|exec|run|send) (\w+ )?(command|commands|cmd|shell|bash|terminal|powershell|applescript|script|code|ssh)( \w+)?$|^(bash|shell|terminal|exec|powershell|cmd|ssh exec|shell exec|python|repl|code|eval)$|\b(cli|pod|kube|container|shell|ssh|command|bash) (exec|execute|run)\b|\beval(uate)? (form|code|expression|clojure|python|js)\b|\b(write|send|input) (\w+ )?to (terminal|shell|repl)\b|\b(interact with|send input to|spawn) process\b|\bexecute cell\b"
                ),
                all_of(
                    parameter(r"^(command|cmd|shell command|commands)$", required=True),
                    act("@run", "write", "interact"),
                ),
                all_of(
                    parameter(r"^(code|python code|expression|script)$", required=True),
                    act("@run", "evaluate"),
                    name_pattern(r"\b(python|code|eval|execute|exec|run)\b"),
                ),
            ),
            text(
                r"\b(sandbox\w*|isolated|pyodide|wasm|webassembly|page context|in the (browser|page)|on the page|target page|web page|redis command|sql command|database command|named (sql )?script|pre-approved|contract call|slash command|read-only|test suite|list of commands|mathematical)\b"
            ),
            text(
                r"\b(code (review|scan|generation|execution|analysis|audit|judg\w+)|source code|redis)\b",
                lead=True,
            ),
            words_in_name(
                "browser",
                "page",
                "puppeteer",
                "playwright",
                "list",
                "get",
                "tests",
                "test",
                "sql",
                "query",
                "redis",
                "console",
                "slash",
                "sandbox",
                "notebook",
                "device",
                "build",
                "lint",
                "http",
                "block",
                "unblock",
                "blocked",
            ),
            READ_ONLY,
        ),
        positive=(
            Example("execute_command", "Execute a shell command."),
            Example("bash"),
            Example("write_to_terminal", "Write text to the active terminal."),
        ),
        negative=(
            Example("run_code", "Run code in a sandbox."),
            Example("list_commands", "List the commands."),
            Example("start_review", "Start a code review scan."),
        ),
    ),
    Rule(
        id="shared-infrastructure",
        argues_for="shared_infra",
        direction=1,
        title="Acts on production, a cluster or a main branch",
        rationale="Others depend on it; the words must stand in the definition (rule 17).",
        since="1",
        matcher=all_of(
            any_of(
                text(
                    r"\b(production|kubernetes cluster|k8s|infrastructure|replication groups?|main branch|default branch|terraform|cloudformation stack|db cluster|cache cluster|node pool|hyperpod|deployment to prod)\b",
                    lead=True,
                    unless=r"\bproduction[- ](grade|ready|quality)|\b(not|never|don't) [^.\n]{0,30}\b(for|in) production\b",
                ),
                name_pattern(
                    r"\b(tf|terraform|k8s|kubectl|helm|cluster|clusters|merge pull request|pr merge|hp cluster|replication group|infrastructure|production)\b"
                ),
                act("merge", objects=r"\bpull request\b"),
            ),
            but_not(CHANGES, _BRINGS_UP),
        ),
        positive=(
            Example("restart_service", "Restart a service in production."),
            Example("tf_apply", "Apply the Terraform plan."),
            Example("restart_cluster", "Restart a Kubernetes cluster."),
        ),
        negative=(
            Example("list_clusters", "List the clusters."),
            Example("create_issue", "Create an issue."),
            Example("create_cluster", "Create a cluster."),
            Example("sketch", "Edit a sketch into a production-grade image."),
        ),
    ),
    Rule(
        id="keeps-recurring",
        argues_for="recurring",
        direction=1,
        title="Goes on by itself after the call",
        rationale="A schedule repeats the effect without a further decision (rule 21).",
        since="1",
        matcher=but_not(
            any_of(
                text(
                    r"\b(on a (recurring )?schedule|cron|recurring(ly)?|scheduled? (task|job|run|function)|every (day|hour|week|month|minute)|automatically (runs?|repeats?))\b",
                    lead=True,
                ),
                parameter(r"^(cron|cron expression|schedule expression|repeat interval|is recurring)$"),
                name_pattern(
                    r"\bschedule (\w+ )*(job|task|command|code|function|report)\b|\bcreate (\w+ )*(cron|schedule)\b|\bcron (create|add)\b"
                ),
            ),
            act("@look", "@compute", "@delete", "@stop", "@cancel"),
            words_in_name("get", "list", "calendar", "meeting", "event"),
        ),
        positive=(
            Example("create_cron", "Run a command on a schedule.", {"cron": STRING}),
            Example("schedule_job"),
        ),
        negative=(
            Example("list_schedules", "List the schedules."),
            Example("create_issue", "Create an issue."),
            Example("create_task", "Create a task in a list."),
        ),
    ),
    Rule(
        id="deletes-in-open-language",
        argues_for="named_delete",
        direction=1,
        title="A delete or drop is named inside an open language",
        rationale="The text itself says that the free argument may remove (rules 5 and 17).",
        since="1",
        matcher=but_not(
            any_of(
                text(
                    r"\b(insert|update|create|alter)\b[^.\n]{0,40}\b(delete|drop|truncate)\b",
                    unless=r"\b(no|not|never|without|blocks?|rejects?|forbid\w*|prevent\w*|cannot)\b",
                ),
                text(
                    r"\b(raw|any|arbitrary|any valid) (sql|cypher|statements?|sparql|database (query|command)|query language|read/write)\b",
                    unless=r"\bread[- ]only\b",
                ),
                name_pattern(
                    r"\b(raw sql|execute sql|write cypher|write query|http delete|delete request|execute raw)\b|\bexecute (any )?(ddl|dml)\b"
                ),
                text(
                    r"\b(http )?delete request\b|\ball write operations \(post, put, delete\)|\bmethods?\b[^.\n]{0,40}\bdelete\b",
                    lead=True,
                ),
                text(r"\bhttp methods?\b[^.\n]{0,40}\bdelete\b|\(post, put,( patch,)? delete\)"),
            ),
            READ_ONLY,
        ),
        positive=(
            Example("write_query", "Run an INSERT, UPDATE or DELETE."),
            Example("execute_sql", "Run raw SQL."),
            Example("call_api", "Call the API. Args: method: HTTP method (GET, POST, DELETE)"),
        ),
        negative=(
            Example("run_query", "Run a SQL query."),
            Example("query", "Read-only: no INSERT, UPDATE or DELETE."),
        ),
    ),
)

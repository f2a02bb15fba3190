"""Rules that argue for Execute: programs, queries, jobs and machines (codebook, tie-breaks 5, 10, 18, 20)."""

from __future__ import annotations

from typing import Final

from classifier.rules.read import CALCULATION, GUIDANCE, READ_ONLY
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

STRING: Final = {"type": "string"}
_MEDIA: Final = r"\b(images?|pictures?|photos?|videos?|audio|music|songs?|speech|voices?|sounds?|sound effects?|logos?|avatars?|artwork|animations?|gif|3d|meme|clips?|podcast|narration|portrait|scene)\b"

PROGRAMS: Final[tuple[Rule, ...]] = (
    Rule(
        id="runs-code",
        argues_for="Execute",
        title="Runs commands, code or scripts it is given",
        rationale="An open argument can do anything, whatever the name says (rule 5).",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "@run",
                    objects=r"\b(commands?|code|scripts?|shell|bash|python|javascript|js|powershell|applescript|expression|cell|cells|notebook|program|snippet|macro|function|functions|tests?|playbook|cli|vim|method)\b",
                ),
                all_of(
                    parameter(
                        r"^(command|cmd|code|script|shell command|python code|javascript|bash|source code|js code|snippet|commands|expression|code snippet)$"
                    ),
                    act("@run", "eval", "evaluate", "execute", "@compute", "write"),
                ),
                name_pattern(
                    r"\b(run|execute|exec|eval|evaluate) (\w+ )?(command|commands|code|script|shell|python|javascript|js|bash|cmd|applescript|powershell|jxa|lua|expression|cell|notebook|tests?|program)\b|^(bash|shell|terminal|exec|eval|execute|powershell|run|ssh|cmd|python|repl)$|\b(command|script|code) (run|exec|execute)\b|\bevaluate script\b|\bssh exec\b|\b(bazel|xcode|gradle|maven|cargo|npm|dotnet|make) (build|test|run|install)\b|^(build|test)( run)? (sim|mac|macos|device|ios|proj|ws|target)\b|^code$|\b(run|execute) (recipe|collection|macro|suite)\b"
                ),
            ),
            GUIDANCE,
            READ_ONLY,
            text(r"\b(math\w*|calculat\w*|scanner|scan|analysis|slash command|thinking)\b", lead=True),
            words_in_name("scan", "calculate", "optimize", "thinking", "slash", "analysis"),
        ),
        positive=(
            Example("shell", "Run a shell command."),
            Example("execute_python"),
            Example("eval_form", "Evaluate code.", {"code": STRING}),
        ),
        negative=(
            Example("list_commands", "List the commands."),
            Example("get_run_code_help", "Explains how to run code."),
        ),
    ),
    Rule(
        id="open-query-language",
        argues_for="Execute",
        title="Takes free SQL, Cypher or GraphQL without a stated limit",
        rationale="Such a language can change or delete (rules 5 and 6).",
        since="1",
        matcher=but_not(
            any_of(
                all_of(
                    parameter(
                        r"^(sql|sql query|sql statement|statement|cypher|cypher query|graphql|query string|sql text|sqls|sparql update|mutation)$"
                    ),
                    act("@run", "@look", "write", "@create", "@manage"),
                ),
                act(
                    "@run",
                    "query",
                    "write",
                    objects=r"\b(sql|cypher|graphql|sqlite|ddl|dml|mutation|statements?|stored procedure)\b",
                ),
                name_pattern(
                    r"\b(execute|run|exec) (\w+ )*(sql|query|cypher|graphql|statement|mutation|ddl|dml|procedure)\b|\bwrite (\w+ )*(query|cypher|sql)\b|\b(sql|graphql|cypher|d1|neo4j) (query|execute|run)\b|\bquery (sql|graphql|database)\b|\b(neo4j|mysql|postgres\w*|ydb|sqlite|clickhouse|mssql|oracle|duckdb|bigquery|snowflake|redshift|mariadb|db) query\b|^(mysql|sql|postgres|sqlite|cypher)$|\bquery (neo4j|mysql|postgres|sqlite|mssql|duckdb|snowflake)\b|^transact$"
                ),
                text(
                    r"\bexecutes? (an? |any |arbitrary |raw |custom )*(sql|cypher|graphql|database|postgres\w*|mysql) "
                ),
            ),
            READ_ONLY,
            words_in_name(
                "read",
                "explain",
                "analyze",
                "validate",
                "format",
                "generate",
                "build",
                "get",
                "list",
                "select",
                "promql",
                "history",
                "logs",
                "templates",
                "jql",
                "plan",
                "dry",
                "lint",
                "stored",
                "estimate",
                "translate",
                "cost",
                "aql",
                "sls",
            ),
            text(
                r"\b(query by id|stored query|aql|promql|logql|jql|kql|jmespath|select (queries|query|statements?)|time range|sparql)\b"
            ),
            GUIDANCE,
        ),
        positive=(
            Example("run_query", "Execute a SQL query."),
            Example("write_query"),
            Example("graphql_query"),
        ),
        negative=(
            Example("query", "Run a read-only SQL query.", {"sql": STRING}),
            Example("read_query", "Run a SELECT query.", {"sql": STRING}),
        ),
    ),
    Rule(
        id="starts-something",
        argues_for="Execute",
        title="Runs, starts, triggers, deploys or restarts something",
        rationale="Something runs afterwards that did not before, with effects of its own.",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "start",
                    "launch",
                    "trigger",
                    "deploy",
                    "restart",
                    "reboot",
                    "boot",
                    "rerun",
                    "relaunch",
                    "spawn",
                    "resume",
                    "retry",
                    "invoke",
                    "dispatch",
                    "kick",
                    "compile",
                    "install",
                    "crack",
                    "inject",
                ),
                act("@run", "submit", "schedule", "queue", kinds=("process", "infra")),
                text(
                    r"\b(triggers?|kicks? off|launches|starts) (a|an|the) (new |asynchronous |background |manual )*(job|run|build|workflow|scan|crawl|deployment|pipeline|process|task|search|container|instance|server|training|execution)\b"
                ),
                name_pattern(
                    r"\b(tf|terraform|kubectl|helm|pulumi) (apply|install|upgrade|rollout|up)\b|\b(trigger|deploy|restart|reboot|rerun|relaunch|launch|install|start|run) (\w+ )*(job|run|build|workflow|scan|crawl|deployment|pipeline|process|task|container|instance|server|service|app|vm|machine|agent|scenario|flow|actor|training|simulator|program|browser)\b"
                ),
            ),
            CALCULATION,
            GUIDANCE,
            text(
                r"\b(time tracking|timer|time tracker|sequential thinking|read-only|conversation|status of the task)\b"
            ),
            words_in_name(
                "get",
                "list",
                "read",
                "check",
                "diagnostics",
                "compliance",
                "checks",
                "audit",
                "report",
                "guide",
                "timer",
                "status",
                "validate",
                "scan",
                "scanner",
                "score",
                "anonymize",
                "update",
                "enable",
                "query",
            ),
        ),
        positive=(
            Example("trigger_build", "Trigger a build."),
            Example("restart_service"),
            Example("deploy", "Deploy the app."),
        ),
        negative=(
            Example("get_build", "Get a build that was triggered."),
            Example("start_timer", "Start the timer of a task."),
        ),
    ),
    Rule(
        id="stops-something",
        argues_for="Execute",
        title="Stops or pauses something that can be started again",
        rationale="A start brings it back, so it is no removal (rule 10).",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "stop",
                    "pause",
                    "halt",
                    "shutdown",
                    "hangup",
                    "interrupt",
                    "suspend",
                    kinds=("infra", "process", "session", "contact", "media", "code"),
                ),
                name_pattern(r"\b(stop|pause|shutdown|power off|turn off)\b"),
            ),
            text(r"(cannot|can't) be (resumed|restarted)|\b(time tracking|timer|time tracker|campaign)\b"),
            words_in_name("timer", "tracking", "campaign", "get", "list", "loss"),
        ),
        positive=(Example("stop_container", "Stop a container."), Example("pause_playback")),
        negative=(Example("stop_timer"), Example("list_stopped", "List stopped containers.")),
    ),
    Rule(
        id="calls-another-tool",
        argues_for="Execute",
        title="Calls another tool, an agent or an action by name",
        rationale="What it does is whatever the called one does.",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "@run",
                    "delegate",
                    "use",
                    "perform",
                    "trigger",
                    objects=r"\b(tools?|agents?|actions?|subagent|skill|connector|function|actor|mcp|operation|api operations?|workflows?|methods?|automation|zap|plugin)\b",
                ),
                name_pattern(
                    r"\b(call|invoke|run|execute|use) (\w+ )?(tool|agent|action|actor|skill|function|mcp|api|workflow|scenario)\b|\b(tool|agent|entity|action) (call|run|action|execute|invoke)\b"
                ),
            ),
            words_in_name("list", "get", "search", "find"),
        ),
        positive=(Example("call_tool", "Call a tool of another server."), Example("run_agent")),
        negative=(Example("list_tools", "List the tools."), Example("get_action", "Get an action.")),
    ),
    Rule(
        id="http-request",
        argues_for="Execute",
        title="Sends an HTTP request of a free method or with a body to a free address",
        rationale="Method and address are open, so it may do anything there (rules 5 and 18).",
        since="1",
        matcher=any_of(
            all_of(parameter(r"^(url|uri|endpoint|path)$"), parameter(r"^(method|http method|verb)$")),
            name_pattern(
                r"\bhttp (get|post|put|patch|delete|request|options|head|trace)\b|\b(make|send) (\w+ )?(http|api) request\b|\bplaywright (post|put|patch|delete)\b|^(curl|http request|api request|webhook|call webhook)$|\b(call|trigger|send|post)( to)? webhook\b"
            ),
            text(
                r"\b(makes?|sends?|performs?|executes?) (an? )?(raw |arbitrary |authenticated |custom |HTTP )*(post|put|patch|delete|http|api|https) (request|call)s?\b",
                lead=True,
            ),
        ),
        positive=(Example("http_request", None, {"url": STRING, "method": STRING}), Example("http_delete")),
        negative=(
            Example("fetch", "Fetch a page.", {"url": STRING}),
            Example("list_requests", "List HTTP requests."),
        ),
    ),
    Rule(
        id="creates-infrastructure",
        odds=CERTAIN,
        argues_for="Execute",
        title="Starts a machine, a cluster, a container or a deployment",
        rationale="A creation that starts infrastructure runs something (rule 20).",
        since="1",
        matcher=but_not(
            act(
                "create",
                "provision",
                "add",
                "make",
                "spin",
                "set",
                objects=r"\b(vms?|virtual machines?|clusters?|(db|database|ec2|compute|server|vm|new|machine) instances?|instances?|containers?|droplets?|sandbox|sandboxes|deployments?|helm|pods?|node ?pools?|serverless cache|gateway|infrastructure|replication groups?|tunnel|stack|services? on|kubernetes|workers?|virtual server|codespace|simulators?)\b",
            ),
            act(
                "create",
                objects=r"\b(templates?|components?|container element|figma|note|object instance|component instance)\b",
            ),
            words_in_name("figma", "component", "template", "frame", "get", "list"),
        ),
        positive=(Example("create_cluster", "Create a database cluster."), Example("create_vm")),
        negative=(Example("create_issue", "Create an issue."), Example("list_clusters", "List clusters.")),
    ),
)

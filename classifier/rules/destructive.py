"""Rules that argue for Destructive (codebook, "Category" and tie-breaks 4, 7 to 12)."""

from __future__ import annotations

from typing import Final

from classifier.rules.rule import (
    CERTAIN,
    DECISIVE,
    Example,
    Rule,
    act,
    all_of,
    any_of,
    but_not,
    name_pattern,
    parameter,
    text,
    translated,
)
from classifier.rules.write import LEAVES_ITS_OBJECT, RECOVERABLE

_LIST_OF_DELETES: Final = (
    r"^(delete|remove|drop|destroy|purge|terminate|wipe|revoke|uninstall|erase|delete[_-].*|remove[_-].*)$"
)
_ACTION: Final = (
    r"^(action|operation|op|mode|command|method|verb|type|task|subcommand|event|do)$|action|operation|command"
)

DESTRUCTIVE: Final[tuple[Rule, ...]] = (
    Rule(
        id="delete-record",
        argues_for="Destructive",
        title="Deletes something, with no way back stated",
        rationale="The thing is gone after the call. Only a stated trash, archive or undo makes it a Write (rule 8).",
        since="1",
        matcher=but_not(
            act("delete", "drop", "destroy", "purge", "wipe", "erase", "truncate", "del", "rm"), RECOVERABLE
        ),
        positive=(Example("delete_page", "Delete a page for good."), Example("kv_namespace_delete")),
        negative=(
            Example("delete_page", "Moves the page to the trash."),
            Example("list_deleted_pages", "List deleted pages."),
        ),
    ),
    Rule(
        id="delete-in-another-language",
        odds=CERTAIN,
        argues_for="Destructive",
        title="Says in another language that it deletes",
        rationale="A Chinese, Korean, Japanese or Spanish text states its act as plainly as an English one.",
        since="1",
        matcher=but_not(
            translated("delete", "destroy", "clear", "uninstall", "revoke", "terminate"), RECOVERABLE
        ),
        positive=(Example("tool_4", "删除一个项目"), Example("tool_5", "Eliminar un proyecto")),
        negative=(Example("tool_4", "查询一个项目"), Example("delete_page", "Delete a page.")),
    ),
    Rule(
        id="remove-record",
        argues_for="Destructive",
        title="Removes something that exists nowhere else",
        rationale="A removed thing that is not merely taken out of a list vanishes (rule 9).",
        since="1",
        matcher=but_not(act("remove", "discard", "strip", "evict"), LEAVES_ITS_OBJECT, RECOVERABLE),
        positive=(Example("remove_container", "Remove a container."), Example("remove_webhook")),
        negative=(
            Example("remove_label", "Remove a label from an issue."),
            Example("remove_member", "Remove a member from the group."),
        ),
    ),
    Rule(
        id="cancel-job",
        odds=CERTAIN,
        argues_for="Destructive",
        title="Ends a queued or running job",
        rationale="The work done so far is lost, and a cancelled job does not go on (rule 10).",
        since="1",
        matcher=any_of(
            act("cancel", "abort", kinds=("process",)),
            all_of(
                act("stop", "cancel", "abort"),
                text(
                    r"\b(job|run|build|task|execution)s? (that is|which is|currently)? ?(queued|running|pending)"
                ),
            ),
            all_of(act("stop", "cancel", "abort"), text(r"(cannot|can't|can not) be (resumed|restarted)")),
            name_pattern(
                r"\b(cancel|abort) (\w+ )*(job|run|build|task|execution|workflow|pipeline|process|scan|crawl|query|operation|deployment|training|import|export|render|batch|transfer)s?\b|\b(job|run|build|task|execution|workflow|pipeline|process)s? (cancel|abort)\b"
            ),
        ),
        positive=(
            Example("cancel_job", "Stop a queued job. It cannot be resumed."),
            Example("abort_build"),
            Example("task_cancel"),
        ),
        negative=(
            Example("cancel_subscription", "Cancel the customer's subscription."),
            Example("list_jobs", "List cancelled jobs."),
        ),
    ),
    Rule(
        id="clear-store",
        argues_for="Destructive",
        title="Empties a store, a list or a history",
        rationale="Many records are gone at once. A cache that fills itself again is a Write (worked example `clear_cache`).",
        since="1",
        matcher=but_not(
            act("clear", "empty", "flush", "prune", "expunge", "nuke", objects=r"."),
            act(
                "clear",
                "empty",
                "flush",
                "prune",
                objects=r"\b(cache|selection|filter|filters|format|formatting|field|screen|console|log|logs|breakpoints?|status|input|value|values|cell|cells|range|cookies|scene|highlight|highlights|emote|parameter|preset)\b",
            ),
            RECOVERABLE,
        ),
        positive=(
            Example("empty_trash", "Empty the trash."),
            Example("clear_database", "Clear the whole database."),
        ),
        negative=(
            Example("clear_cache", "Clear the cache."),
            Example("get_clear_sky", "Get tonight's clear sky forecast."),
        ),
    ),
    Rule(
        id="revoke-access",
        argues_for="Destructive",
        title="Revokes a key, a permission or a membership",
        rationale="Access once taken cannot simply be put back (rule 12).",
        since="1",
        matcher=any_of(
            act("revoke", "invalidate"),
            act(
                "remove",
                "delete",
                objects=r"\b(permissions?|access|keys?|credentials?|api ?keys?|certificates?|roles?|grants?)\b",
            ),
            text(r"\bremoves? (a |the )?(user|member|collaborator)'?s? access\b|\brevokes? "),
        ),
        positive=(
            Example("revoke_key", "Revoke an API key."),
            Example("remove_permission", "Remove a permission of a file."),
        ),
        negative=(Example("list_keys", "List the API keys."), Example("create_key", "Create an API key.")),
    ),
    Rule(
        id="terminate-process",
        argues_for="Destructive",
        title="Terminates or kills something that runs",
        rationale="What it was doing is lost, unlike a stop that a start undoes.",
        since="1",
        matcher=but_not(
            any_of(
                act("terminate", "kill"),
                name_pattern(r"\b(force (stop|terminate|kill|quit)|kill|terminate)\b"),
            ),
            act("@look"),
        ),
        positive=(Example("kill_process", "Kill a process by its id."), Example("terminate_instances")),
        negative=(
            Example("stop_container", "Stop a container."),
            Example("get_kill_count", "Get a player's kill count."),
        ),
    ),
    Rule(
        id="restore-over-current",
        argues_for="Destructive",
        title="Puts an old state over the current one",
        rationale="Replacing is the purpose, and what was there is lost (rule 7).",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "restore",
                    "revert",
                    "rollback",
                    "roll-back",
                    objects=r"\b(backup|backups|snapshot|version|revision|database|state|checkpoint|deployment|release|changes|commit|transaction)\b",
                ),
                name_pattern(
                    r"\b(restore|rollback|revert) (\w+ )*(backup|snapshot|version|database|state|changes|checkpoint)\b|\b(backup|snapshot|version) (restore|rollback|revert)\b"
                ),
                text(r"\b(starts?|begins?|performs?) a (restoration|rollback|restore)\b"),
            ),
            text(
                r"\b(to|as|into) a new (instance|database|cluster|table|volume|server|copy)\b|from the (trash|archive|recycle)"
            ),
        ),
        positive=(
            Example("restore_from_backup", "Restore the database from a backup."),
            Example("snapshot_restore"),
            Example("revert_changes"),
        ),
        negative=(
            Example("restore_page", "Bring a page back from the trash."),
            Example("list_backups", "List the backups that can be restored."),
        ),
    ),
    Rule(
        id="hard-reset",
        odds=CERTAIN,
        argues_for="Destructive",
        title="Resets or forces away what was there",
        rationale="A reset to the start or a forced push leaves no old state (rule 7).",
        since="1",
        matcher=any_of(
            act(
                "reset",
                "reinitialize",
                objects=r"\b(database|device|memory|system|account|branch|repository|settings|data|store|password|field|fields|configuration|all|graph|state|index|schema)\b",
            ),
            text(
                r"\b(hard reset|reset --hard|factory reset|force[- ]push|discards? (all )?(local |uncommitted |unsaved )?changes)\b"
            ),
            name_pattern(r"\b(force push|hard reset|factory reset|reset hard)\b"),
        ),
        positive=(
            Example("reset_database", "Reset the database to its first state."),
            Example("git_force_push"),
        ),
        negative=(
            Example("git_reset", "Unstage all staged changes."),
            Example("get_reset_time", "Get when the quota is reset."),
        ),
    ),
    Rule(
        id="delete-among-actions",
        argues_for="Destructive",
        title="Deleting is one of the actions offered",
        rationale="The worst stated effect decides (rule 4).",
        since="1",
        matcher=any_of(
            but_not(
                parameter(_ACTION, values=_LIST_OF_DELETES),
                act("@look", "@compute"),
                text(
                    r"\b(thinking|reasoning|instructions for|safety guard|notification subscription|cart item|http methods?)\b",
                    lead=True,
                ),
            ),
            text(
                r"\b(create|add|update|edit|modify|get|list|read|set|insert|save|copy|move|write)s?(ing)?\b[^.\n]{0,60}(,| or | and |/|\|) ?(and |or )?(delete|remove|drop|destroy|deleting|removing|deletes|removes)\b",
                unless=r"(cannot|can't|does not|doesn't|never|without|not) (\w+ )?(delete|remove)|remove (duplicates|noise|background)|\bsql\b|statements?|\bqueries\b|query|POST, PUT|PUT, DELETE|cart",
            ),
            text(
                r"\bCRUD\b|\b(supported |available )?(actions?|operations?)\b[^.\n]{0,80}\b(delete|remove)\b",
                unless=r"(cannot|does not|no|not) (support )?delete|\bsql\b|quer(y|ies)",
            ),
        ),
        positive=(
            Example("manage_users", "Create, update or delete users."),
            Example("users", None, {"action": {"enum": ["list", "add", "delete"]}}),
        ),
        negative=(
            Example("get_user", "Get a user. To delete one use another tool."),
            Example("users", None, {"action": {"enum": ["list", "get"]}}),
        ),
    ),
    Rule(
        id="delete-action-offered",
        odds=DECISIVE,
        argues_for="Destructive",
        title="An action argument must be given, and deleting is one of its values",
        rationale="Whatever the text stresses, one ordinary call with a valid argument deletes (rule 4).",
        since="1",
        matcher=but_not(
            parameter(r"^(action|op|operation|method|command|mode)$", required=True, values=_LIST_OF_DELETES),
            text(r"\b(thinking|reasoning|notification subscription|thread subscription|http methods?)\b"),
            name_pattern(r"\b(reasoning|thinking|http|api|endpoint|request|fetch|subscription)\b"),
        ),
        positive=(
            Example("records", "Reads records.", {"action": {"enum": ["get", "delete"]}}, ("action",)),
            Example("indexes", None, {"operation": {"enum": ["list", "drop"]}}, ("operation",)),
        ),
        negative=(
            Example("records", "Reads records.", {"action": {"enum": ["get", "list"]}}, ("action",)),
            Example("http_request", None, {"method": {"enum": ["GET", "DELETE"]}}, ("method",)),
        ),
    ),
    Rule(
        id="transfer-ownership",
        odds=CERTAIN,
        argues_for="Destructive",
        title="Gives ownership or control away",
        rationale="Whoever gave control away cannot take it back (rule 12).",
        since="1",
        matcher=any_of(
            act("transfer", "give", "change", "reassign", objects=r"\b(ownership|owner)\b"),
            text(r"\btransfers? (the )?(ownership|control|repository|domain)\b"),
            name_pattern(r"\btransfer (\w+ )?(ownership|owner|repository|repo|domain)\b"),
        ),
        positive=(
            Example("transfer_ownership", "Transfer the ownership of a project."),
            Example("transferRepository"),
        ),
        negative=(
            Example("transfer_issue", "Move an issue to another team."),
            Example("get_owner", "Get the owner of a file."),
        ),
    ),
    Rule(
        id="uninstall",
        argues_for="Destructive",
        title="Uninstalls or tears something down",
        rationale="The installed thing and its state are removed.",
        since="1",
        matcher=any_of(
            act("uninstall", "teardown", "decommission", "deprovision", "undeploy", "tear"),
            name_pattern(
                r"\b(uninstall|teardown|tear down|undeploy|deprovision)\b|\btf destroy\b|\bdestroy$"
            ),
        ),
        positive=(Example("uninstall_app", "Uninstall an app."), Example("tf_destroy")),
        negative=(
            Example("install_app", "Install an app."),
            Example("list_apps", "List apps that may be uninstalled."),
        ),
    ),
    Rule(
        id="said-to-be-permanent",
        argues_for="Destructive",
        title="Said to be permanent or irreversible",
        rationale="The text itself says that there is no way back, of an act that removes.",
        since="1",
        matcher=text(
            r"\b(permanent(ly)? (delet|remov|destroy|eras)\w*|delet\w+ permanently|removes? .{0,40}permanently|irreversibly? (delet|remov)\w*|"
            r"(this )?(action|operation|deletion|removal) (is |cannot |can't |can not )?(irreversible|be undone|be reversed|permanent|destructive)|\(destructive operation\))"
        ),
        positive=(
            Example("drop_all", "Permanently deletes the index."),
            Example("purge", "Purge the queue. This action cannot be undone."),
        ),
        negative=(
            Example("get_note", "Get a note."),
            Example("create_note", "Create a note. It can be deleted later."),
        ),
    ),
)

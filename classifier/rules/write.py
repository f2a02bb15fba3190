"""Rules that argue for Write (codebook, "Category" and tie-breaks 8, 9, 11, 12, 16, 20 and 21)."""

from __future__ import annotations

from typing import Final

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

RECOVERABLE: Final = text(
    r"\b((to|in|into) (the )?(trash|recycle bin|bin|archive|deleted items)|soft[- ]delet\w+|archives? (a|an|the|this)|"
    r"can be (restored|recovered|undone|reversed|re-?enabled|reactivated|unarchived)|reversible|recoverable|may be restored|marks? (it |them )?as deleted)\b|移到(回收站|废纸篓)",
    unless=r"(cannot|can't|not) be (restored|recovered|undone)|irreversible|permanent|from (the )?trash|empty",
)
_OF_A_WHOLE: Final = r"\b(tags?|labels?|members?|users?|reactions?|assignees?|collaborators?|participants?|reviewers?|attendees?|contacts?|tracks?|songs?|items?|followers?|attachments?|likes?|votes?|stars?|favorites?|favourites?|bookmarks?|watch|watchers?|association|associations|link|links|relation|relationship|subscribers?|policy|filter|property|properties|parent|dependency|products?|lead|leads|wallets?|issues?|records?|objects?|pages?|cards?|tasks?)\b"
LEAVES_ITS_OBJECT: Final = any_of(
    act(
        "remove",
        "delete",
        "discard",
        "strip",
        objects=r"\b(reaction|label|tag|assignee|like|star|vote|follower|favorite|favourite|upvote|pin|sleep timer|duplicates?|background|noise|whitespace|breakpoints?|format|formatting|filters?)\b",
    ),
    all_of(
        act("remove", "discard", "delete", objects=_OF_A_WHOLE),
        text(
            r"\b(remov|delet|discard|clear)\w* [^.]{1,60}\bfrom (a|an|the|your|my|this|its|existing|another|specified|given)? ?([\w-]+ ){0,3}(list|playlist|group|team|channel|project|board|cart|issue|collection|folder|library|set|favou?rites|watch ?list|queue|sprint|cycle|album|class|campaign|deal|company|card|task|post|message|resource|item|user|contact|subscriber|repository|organization|whitelist|blacklist|allowlist|blocklist|graph node|event|course|quiz|meeting|thread|conversation|milestone|epic|segment|label|document|page|ticket|pull request|portfolio|tag|members?|whitelist)s?\b",
            unless=r"permanent|irreversibl|object from its",
        ),
    ),
    name_pattern(
        r"\bremove (\w+ )+from (playlist|list|group|team|channel|project|board|cart|issue|collection|folder|library|segment|set|favorites|favourites|watchlist|queue|sprint|cycle|album|class|campaign|workspace|deal|object|company)s?\b"
    ),
)

WRITE: Final[tuple[Rule, ...]] = (
    Rule(
        id="recoverable-removal",
        odds=CERTAIN,
        argues_for="Write",
        title="Removes to a trash or archive, or can be restored",
        rationale="A stated way back makes a removal reversible (rules 3 and 8).",
        since="1",
        matcher=all_of(RECOVERABLE, act("@delete", "@remove", "trash", "archive", "@ease")),
        positive=(
            Example("delete_node", "Delete a node. It moves to the trash."),
            Example("remove_list", "Soft-delete a list."),
        ),
        negative=(
            Example("delete_node", "Delete a node permanently."),
            Example("list_trash", "List what is in the trash."),
        ),
    ),
    Rule(
        id="remove-from-whole",
        argues_for="Write",
        title="Takes something out of a list where it survives",
        rationale="The label, the member or the song still exists and can be put back (rule 9).",
        since="1",
        matcher=but_not(LEAVES_ITS_OBJECT, text(r"\bpermanently\b")),
        positive=(
            Example("remove_label_from_issue", "Remove a label from an issue."),
            Example("remove_track_from_playlist"),
        ),
        negative=(
            Example("remove_file", "Remove a file from the disk."),
            Example("get_label", "Get a label from an issue."),
        ),
    ),
    Rule(
        id="reversible-change",
        argues_for="Write",
        title="Archives, disables, mutes, detaches or closes",
        rationale="The opposite act restores the old state (rule 8).",
        since="1",
        matcher=but_not(
            act("@ease"),
            act("close", "leave", "hide", kinds=("session",)),
            act("close", objects=r"\b(positions?|trade|browser|connection|window|app|application)\b"),
        ),
        positive=(Example("archive_page", "Archive a page."), Example("mute_channel")),
        negative=(
            Example("close_browser", "Close the browser."),
            Example("list_archived_pages", "List archived pages."),
        ),
    ),
    Rule(
        id="create-record",
        argues_for="Write",
        title="Creates or adds a record",
        rationale="A record more, nothing lost.",
        since="1",
        matcher=but_not(
            act("@create", kinds=("issue", "file", "small", "access", "other")),
            act("create", "add", "make", "register", kinds=("money", "media", "contact")),
            act(
                "create",
                "make",
                "start",
                objects=r"\b(vm|cluster|instance|container|server|pod|droplet|sandbox|deployment|virtual machine|browser|session|call|image|video|audio|payment|order|subscription|plan|schema for|guide)\b",
            ),
            text(
                r"\b(without creating|does not create|into the answer|returns? (the )?(code|html|snippet|svg))\b"
            ),
        ),
        positive=(Example("create_issue", "Create an issue."), Example("add_row")),
        negative=(
            Example("create_vm", "Create a virtual machine instance."),
            Example("get_issue", "Get an issue."),
        ),
    ),
    Rule(
        id="update-record",
        argues_for="Write",
        title="Changes a record",
        rationale="The old value can be set again.",
        since="1",
        matcher=but_not(
            act("@update"),
            act("update", "edit", "modify", "approve", "enable", "configure", kinds=("money",)),
            act(
                "move",
                objects=r"\b(mouse|cursor|avatar|player|camera|robot|head|forward|pointer|joint|motor|piece)\b",
            ),
        ),
        positive=(Example("update_issue", "Update the fields of an issue."), Example("rename_branch")),
        negative=(
            Example("update_subscription", "Update a subscription."),
            Example("get_updates", "Get updates."),
        ),
    ),
    Rule(
        id="saves-a-file",
        argues_for="Write",
        title="Saves into a file or a store",
        rationale="A file exists afterwards; a required save path makes a tool a Write (rule 21).",
        since="1",
        matcher=any_of(
            but_not(
                act("save", "write", "upload", "store", "persist", "memorize", "remember", "ingest"),
                text(r"\b(input element|file input|sql|cypher)\b"),
            ),
            parameter(
                r"^((output|save|export|target|dest|destination|download|out) ?(path|file|file path|dir|directory|filename|file name|folder)|save (to|as)|out file|save location)$",
                required=True,
            ),
            text(
                r"\b(saves?|saved|writes?|written|stores?|downloads?|exports?)\b[^.\n]{0,60}\b(to|into|in|as) (a |an |the |your )?(local |given |specified |output )?(file|disk|path|folder|directory|database|excel|csv|markdown|memory|vault|knowledge)\b",
                unless=r"\b(optional\w*|if |when |can be|may be|already|previously|was|were)\b",
            ),
        ),
        positive=(
            Example("save_report", "Save the report."),
            Example("convert", None, {"output_path": {"type": "string"}}, ("output_path",)),
        ),
        negative=(
            Example("get_report", "Get the report."),
            Example("read_file", "Read a file that was saved."),
        ),
    ),
    Rule(
        id="own-workspace-message",
        argues_for="Write",
        title="A comment or message inside one's own workspace",
        rationale="It stays a record of the same workspace (rule 11, worked example `slack_post_message`).",
        since="1",
        matcher=any_of(
            act(
                "publish",
                "send",
                "add",
                "create",
                "reply",
                "comment",
                "post",
                objects=r"\b(comments?|replies|reply|review|notes?)\b",
            ),
            all_of(
                act("send", "post", "reply", "publish", "create", objects=r"\b(messages?|thread|reply)\b"),
                text(
                    r"\b(slack|discord|teams|channel|zulip|mattermost|workspace|chat room|room|thread|rocket|lark|feishu|webex|space)\b"
                ),
            ),
            name_pattern(
                r"\b(slack|discord|teams|webex|zulip|mattermost|lark|feishu) .*\b(post|send|reply)\b|\b(add|post|create|reply) (\w+ )?(comment|reply)\b"
            ),
        ),
        positive=(
            Example("slack_post_message", "Post a message to a Slack channel."),
            Example("add_comment"),
        ),
        negative=(Example("send_email", "Send an e-mail."), Example("list_comments", "List comments.")),
    ),
    Rule(
        id="grants-access",
        argues_for="Write",
        title="Grants, shares or opens something",
        rationale="Granting adds; it is a Write with one step up (rule 12).",
        since="1",
        matcher=any_of(
            act("@grant", "share"),
            act(
                "add",
                "create",
                "update",
                "set",
                "assign",
                "generate",
                objects=r"\b(permissions?|roles?|collaborators?|api keys?|access keys?|access tokens?|visibility|acl|access)\b",
            ),
        ),
        positive=(
            Example("add_collaborator", "Add a collaborator."),
            Example("share_file", "Share a file with a person."),
        ),
        negative=(Example("list_permissions", "List permissions."), Example("revoke_role", "Revoke a role.")),
    ),
    Rule(
        id="logs-in",
        argues_for="Write",
        title="Logs in or stores credentials",
        rationale="Credentials or a login are kept for later calls (rule 23).",
        since="1",
        matcher=but_not(
            any_of(
                act("login", "authenticate", "@signin", "logout", "oauth"),
                act(
                    "set",
                    "save",
                    "store",
                    "configure",
                    "update",
                    objects=r"\b(api keys?|keys?|tokens?|credentials?|password|passwords)\b",
                ),
                name_pattern(r"^(\w+ )*(login|log in|sign in|authenticate|set api key|set (\w+ )?token)$"),
            ),
            act("@look"),
            words_in_name("sign", "status"),
        ),
        positive=(Example("login", "Log in with a user name."), Example("set_api_key", "Set the API key.")),
        negative=(
            Example("check_login", "Check whether one is logged in."),
            Example("list_logins", "List the logins of a user."),
        ),
    ),
    Rule(
        id="time-tracking",
        odds=CERTAIN,
        argues_for="Write",
        title="Starts or stops a timer",
        rationale="A time entry is a record (rule 18).",
        since="1",
        matcher=any_of(
            name_pattern(
                r"\b(start|stop|pause|resume|create|log) (\w+ )*(timer|time tracking|time entry|tracking)\b|\btimer (start|stop)\b"
            ),
            act("start", "stop", "pause", objects=r"\b(timer|time tracking|time tracker|time entry)\b"),
        ),
        positive=(Example("start_timer"), Example("stop_time_tracking", "Stop the running time tracker.")),
        negative=(Example("get_timer", "Get the timer."), Example("start_server", "Start the server.")),
    ),
    Rule(
        id="clears-a-cache",
        argues_for="Write",
        title="Clears a cache or a view's state",
        rationale="It is rebuilt by itself or can be set again (worked example `clear_cache`).",
        since="1",
        matcher=any_of(
            act(
                "clear",
                "invalidate",
                "flush",
                "empty",
                "purge",
                "delete",
                "remove",
                objects=r"\b(cache|caches|filters?|formatting|selection|highlights?|cell values)\b",
            ),
            name_pattern(r"\b(clear|invalidate|purge|flush) (\w+ )?cache\b|\bcache (clear|purge)\b"),
        ),
        positive=(Example("clear_cache", "Clear the cache."), Example("purge_cdn_cache")),
        negative=(
            Example("clear_database", "Clear the database."),
            Example("get_cache", "Get a value of the cache."),
        ),
    ),
    Rule(
        id="version-control",
        odds=CERTAIN,
        argues_for="Write",
        title="Commits, stages, branches, merges or pushes",
        rationale="History keeps the old state.",
        since="1",
        matcher=any_of(
            name_pattern(
                r"\bgit (add|commit|checkout|merge|stash|tag|branch create|create branch|push|pull|init|clone|cherry pick|rebase|unstage|reset)\b|\b(merge|create|update) pull request\b|\b(create|merge) (branch|mr|pr|merge request)\b"
            ),
            act(
                "commit",
                "stage",
                "merge",
                "checkout",
                "stash",
                "push",
                "unstage",
                objects=r"\b(changes|branch|branches|commits?|files|pull request|repository|repo|code)\b",
            ),
        ),
        positive=(Example("git_commit", "Record changes to the repository."), Example("merge_pull_request")),
        negative=(
            Example("git_log", "Show the commit log."),
            Example("git_status", "Show the state of the working tree."),
        ),
    ),
    Rule(
        id="bare-manage",
        argues_for="Write",
        title="Manages something, without saying how",
        rationale="No act is stated: a Write, doubtful (rule 16).",
        since="1",
        matcher=act("@manage"),
        positive=(Example("manage_users", "Manage users."), Example("manage_projects")),
        negative=(
            Example("get_manager", "Get the manager of an employee."),
            Example("list_users", "List managed users."),
        ),
    ),
)

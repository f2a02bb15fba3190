"""Rules for the modifiers that raise the risk by who may see or do what afterwards (codebook, tie-break 12)."""

from __future__ import annotations

from typing import Final

from classifier.rules.rule import (
    Example,
    Rule,
    act,
    any_of,
    but_not,
    name_pattern,
    text,
    words_in_name,
)

_ADMITTING: Final = (
    "promote",
    "demote",
    "lock",
    "unlock",
    "block",
    "unblock",
    "enable",
    "disable",
    "activate",
    "suspend",
)
_RIGHTS: Final = r"\b(permissions?|roles?|visibility|acls?|access( rules?| policy| policies| levels?)?|(resource|iam|bucket|access|cedar)[- ](based )?polic(y|ies)|security (groups?|settings|rules?)|firewall rules?|consents?|sso|mfa|privileges?|(organi[sz]ation|project|product) members?)\b"

ACCESS: Final[tuple[Rule, ...]] = (
    Rule(
        id="changes-access",
        argues_for="access_change",
        direction=1,
        title="Grants access, makes something visible, or changes who may do what",
        rationale="More people or programs can act afterwards (rule 12).",
        since="1",
        matcher=but_not(
            any_of(
                act("grant", "invite", "permit", "expose", "share"),
                act(
                    *_ADMITTING,
                    objects=r"\b(users?|accounts?|participants?|sign-?ins|legacy auth\w*|admin|moderator)\b",
                ),
                act("delete", "remove", "disable", "restrict", "enforce", objects=_RIGHTS),
                act("reset", "change", objects=r"\bpasswords?\b"),
                act(
                    "create",
                    "add",
                    "update",
                    "set",
                    "assign",
                    "attach",
                    "manage",
                    "generate",
                    "put",
                    "modify",
                    "edit",
                    "change",
                    "make",
                    "enable",
                    "approve",
                    "configure",
                    "associate",
                    "issue",
                    "reset",
                    "register",
                    "replace",
                    objects=_RIGHTS
                    + r"|\b(collaborators?|members?|memberships?|participants|delegates?|forwarding address|invit(e|ation|es|ations)|(api|access|provisioning|private|ssh) ?keys?|(api|access|database|deployment|auth\w*|bearer|personal access) tokens?|service account|ingress|sharing)\b",
                ),
                text(
                    r"\b(adds?|assigns?|invites?)\b[^.\n]{0,30}\b(users?|people|participants)\b[^.\n]{0,20}\bto (an?|the|your|specific|existing)? ?(\w+ )?(group|project|organi[sz]ation|workspace|team|role)\b|\b(allow|restrict|permit)\b[^.\n]{0,30}\b(ip|cidr)\b|\bip (allow ?list|whitelist|access list)\b|\banyone (with the link|to access)\b",
                    lead=True,
                ),
                name_pattern(
                    r"\b(add|create|update|set|invite|grant|share|assign|generate|manage|put|make|attach|edit|change|register) (\w+ )*(permission|permissions|role|roles|collaborator|collaborators|member|members|participants|api key|access key|ssh key|private key|access token|api token|visibility|acl|make public|access|access policy|resource policy|invite|invitation|privileges|security group|firewall rule|allowlist|delegate)( \w+)?$|\b(permission|role|member|acl|privilege|access|restriction|visibility|security)s? (add|update|set|grant|assign|toggle|new role)\b|\b(toggle|set|change|modify) (\w+ )*(permissions?|restrictions?|visibility)$|\b(create|generate|issue|refresh) (\w+ )*(api|access|auth|database|bridge|deployment|bearer|personal|session) tokens?\b|\b(promote|demote|impersonate|block|unblock|unlock) (\w+ )*(user|users|member|members|participant|participants|admin)\b"
                ),
            ),
            act("@look", "@compute"),
            act("set", "configure", objects=r"\bapi ?keys?\b"),
            text(
                r"\b(insurance|card member|cancellation policy|return policy|refund policy|retention policy|family member|class member|assign(s|ed)? (an? )?(user|member)s? to (a|an|the) (task|issue|card|ticket)|design tokens?|erc ?20|role[- ]play)\b"
            ),
            words_in_name(
                "get", "list", "search", "comment", "card", "task", "issue", "track", "struct", "reset"
            ),
        ),
        positive=(
            Example("add_collaborator", "Add a collaborator."),
            Example("create_api_key"),
            Example("promote_user", "Promote a user to admin."),
            Example("unlock_account", "Unlock a user account."),
            Example("drive_permission_update"),
            Example("toggle_permissions"),
        ),
        negative=(
            Example("list_members", "List the members."),
            Example("create_issue", "Create an issue."),
            Example("delete_invitation", "Delete an invitation."),
            Example("set_api_key", "Set your API key."),
            Example("create_token_swap"),
        ),
    ),
    Rule(
        id="publishes-to-the-world",
        argues_for="public",
        direction=1,
        title="Makes something visible to the world",
        rationale="What was once public cannot be called back.",
        since="1",
        matcher=but_not(
            any_of(
                text(
                    r"\b(publicly|make(s)? (it |this |the \w+ )?public|public(ly)? (visible|accessible|available)|to the public|goes live|makes? (them |it )?live|publish\w* (to|on) (the )?(web|site|npm|pypi|store|marketplace|live))\b",
                    unless=r"\bfrom a public",
                ),
                act(
                    "publish",
                    objects=r"\b(entry|entries|site|sites|page|pages|post|posts|article|articles|package|packages|changes|variant|blog|website|theme|story|extension|app|translations?|assets?|items?|draft items|content types?|ai actions?|products?)\b",
                ),
                name_pattern(
                    r"\bpublish (\w+ )?(entry|site|page|post|article|package|variant|website|translation|asset|items?|content type)\b|\b(site|sites) publish\b|\b(tweet|make public)\b"
                ),
            ),
            act("@look", "@compute", "@delete"),
            words_in_name("unpublish", "get", "list", "draft"),
        ),
        positive=(
            Example("publish_site", "Publish the site's changes."),
            Example("share", "Make the file publicly accessible."),
            Example("publish_asset", "Publish an asset."),
        ),
        negative=(
            Example("get_page", "Get a page."),
            Example("publish_event", "Publish an event to the queue."),
            Example("upload_media", "Upload a file from a publicly accessible URL."),
        ),
    ),
)

"""Rules that argue for Execute: screens, devices and people (codebook, tie-breaks 11 and 23)."""

from __future__ import annotations

from typing import Final

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

STRING: Final = {"type": "string"}
_MEDIA: Final = r"\b(images?|pictures?|photos?|videos?|audio|music|songs?|speech|voices?|sounds?|sound effects?|logos?|avatars?|artwork|animations?|gif|3d|meme|clips?|podcast|narration|portrait|scene)\b"

OUTSIDE: Final[tuple[Rule, ...]] = (
    Rule(
        id="drives-an-interface",
        argues_for="Execute",
        title="Clicks, types or navigates in a browser, an app or a device",
        rationale="The effect depends on what is on the screen (worked example `browser_click`).",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "click",
                    "tap",
                    "press",
                    "type",
                    "navigate",
                    "scroll",
                    "drag",
                    "swipe",
                    "double-click",
                    "focus",
                    "hover",
                    "goto",
                    objects=r".|^$",
                ),
                name_pattern(
                    r"\b(browser|page|playwright|puppeteer|mobile|device|ui|screen|mouse|keyboard|cursor|macos|desktop|window|adb|android|ios|simulator|selenium|scraping browser) (\w+ )?(click|tap|type|press|navigate|scroll|drag|swipe|fill|select|hover|move|open|close|back|forward|resize|key|keys|launch|upload|handle|wait|goto|input|drop|reload|refresh|evaluate|install|start|quit|activate|switch|tab|tabs)\b|^(click|tap|navigate|scroll|swipe|hover|drag|fill|press key|type text|double click|right click|left click|mouse move|go back|go forward|new page|close page|select page|resize page|fill form|handle dialog|press|type|send keys)\b"
                ),
                act(
                    "fill",
                    "select",
                    "upload",
                    "open",
                    "close",
                    "switch",
                    "resize",
                    "refresh",
                    "reload",
                    objects=r"\b(forms?|elements?|input|inputs|dropdown|tabs?|browser|page|window|dialog|url|option|frame|iframe|field|viewport|textbox|app|application)\b",
                ),
            ),
            words_in_name(
                "get",
                "list",
                "snapshot",
                "screenshot",
                "read",
                "console",
                "find",
                "is",
                "messages",
                "requests",
                "create",
                "comment",
                "notion",
                "confluence",
                "wiki",
            ),
        ),
        positive=(
            Example("browser_click", "Click an element of the page."),
            Example("type_text", "Type text into the focused field."),
        ),
        negative=(
            Example("browser_snapshot", "Capture the page."),
            Example("get_clicks", "Get the clicks of a link."),
        ),
    ),
    Rule(
        id="controls-a-device",
        argues_for="Execute",
        title="Controls playback, a device, a game or a robot",
        rationale="Something in the world or on the screen moves.",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "play",
                    "jump",
                    "walk",
                    "fly",
                    "mine",
                    "dig",
                    "move",
                    "turn",
                    "power",
                    "skip",
                    "sit",
                    "wave",
                    "control",
                    "operate",
                    "fire",
                    "mute",
                    "rotate",
                    "look-at",
                    "step",
                    objects=r"\b(avatar|player|robot|arm|track|tracks|song|songs|music|playlist|playback|lights?|lamp|device|devices|switch|volume|tv|camera|car|drone|servo|motor|clip|clips|menu|block|audio|sound|bot|character|mouse|cursor|thermostat|scene|head|gesture|entity)\b",
                ),
                act(
                    "set",
                    "change",
                    "adjust",
                    "toggle",
                    "control",
                    objects=r"\b(volume|brightness|temperature|light|lights|thermostat|playback|orientation|avatar|emote|device state|shuffle|repeat mode)\b",
                ),
                name_pattern(
                    r"\b(play|next track|previous track|skip (track|to)|set volume|volume up|volume down|turn (on|off)|move avatar|jump|step over|step into|step out|debug continue|gdb (continue|step|next|finish|attach|run|start)|set orientation|press button|pause|resume playback)\b"
                ),
            ),
            words_in_name("get", "list", "calendar", "playlist", "file", "issue", "card", "task"),
        ),
        positive=(Example("play_track", "Play a track."), Example("set_volume")),
        negative=(
            Example("get_volume", "Get the volume."),
            Example("move_card", "Move a card to another list."),
        ),
    ),
    Rule(
        id="contacts-outside",
        argues_for="Execute",
        title="Sends an e-mail, SMS, call or notification to someone outside",
        rationale="It cannot be recalled (rule 11).",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "send",
                    "forward",
                    "reply",
                    "resend",
                    "email",
                    "dial",
                    "sms",
                    "notify",
                    "text",
                    "whatsapp",
                    "fax",
                    "alert",
                    objects=r"\b(emails?|e-mails?|mails?|sms|texts?|whatsapp|telegram|faxe?s?|push|notifications?|reminder|reminders|otp|newsletter|invitations?|wechat|imessage|messages?|audio|file|sticker|photo|location|contact|alert|line)\b",
                ),
                act(
                    "make",
                    "create",
                    "start",
                    "place",
                    "initiate",
                    "schedule",
                    objects=r"\b(calls?|phone|phone call|outbound call|outbound)\b",
                ),
                name_pattern(
                    r"\b(send|forward|reply to|resend) (\w+ )*(email|emails|mail|sms|whatsapp|telegram|notification|otp|newsletter|draft|message|invite)\b|\b(email|mail|sms|gmail|whatsapp|telegram) (\w+ )?(send|reply|forward)\b|\b(make|create|start|phone) (\w+ )?call\b|^(sms|email|whatsapp|telegram)$|\b(broadcast|push) (\w+ )*(message|campaign)\b|\bsend (voice|audio|image|video|sticker|location)\b|\bsms\b"
                ),
                text(
                    r"\bsends? (an? |the )?(\w+ )?(e-?mail|sms|text message|verification (e-?mail|code)|push notification|whatsapp)\b|发送(邮件|短信|电子邮件)|이메일.*(보내|전송|발송)"
                ),
            ),
            text(
                r"\b(does not|doesn't|without|never) (actually )?send|not sent|\bdrafts?\b|\b(slack|discord|teams|mattermost|zulip) (channel|message|thread|notification)|\bchannel\b"
            ),
            words_in_name(
                "get",
                "list",
                "search",
                "read",
                "draft",
                "slack",
                "discord",
                "teams",
                "channel",
                "transaction",
                "command",
                "reminder",
                "sol",
                "eth",
                "token",
                "payment",
                "money",
                "comment",
                "event",
            ),
        ),
        positive=(
            Example("send_email", "Send an e-mail."),
            Example("sms_send"),
            Example("make_call", "Make a phone call."),
        ),
        negative=(
            Example("list_emails", "List e-mails that were sent."),
            Example("create_draft", "Create a draft of an e-mail."),
        ),
    ),
    Rule(
        id="posts-publicly",
        odds=CERTAIN,
        argues_for="Execute",
        title="Publishes to a social network",
        rationale="It is public and outside one's own workspace (rule 11, worked example `post_tweet`).",
        since="1",
        matcher=any_of(
            name_pattern(
                r"\b(post|create|publish|send|reply|quote) (\w+ )?(tweet|toot|linkedin post|x post|bluesky post|instagram|reel|thread|facebook post|cast|note to nostr|skeet)\b|\btweet$|\b(twitter|linkedin|bluesky|mastodon|instagram|facebook|farcaster|nostr|threads|tiktok|reddit|xhs) (\w+ )?(post|publish|reply|comment|share)\b"
            ),
            text(
                r"\b(posts?|publish(es)?|shares?|tweets?) [^.\n]{0,60}\b(to|on) (twitter|x|linkedin|bluesky|mastodon|instagram|facebook|farcaster|nostr|threads|tiktok|reddit|youtube|xiaohongshu|weibo)\b|\b(post|send) (a |an )?(tweet|toot)\b|发布(图文|视频|笔记)"
            ),
        ),
        positive=(Example("post_tweet", "Post a tweet."), Example("linkedin_post")),
        negative=(
            Example("get_tweets", "Get the tweets of a user."),
            Example("post_comment", "Post a comment on an issue."),
        ),
    ),
    Rule(
        id="opens-a-session",
        argues_for="Execute",
        title="Opens or closes one's own connection, session or document",
        rationale="Harmless local control, yet something is driven (rule 23).",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "open",
                    "close",
                    "connect",
                    "disconnect",
                    "start",
                    "end",
                    "initialize",
                    "create",
                    "launch",
                    "quit",
                    "exit",
                    "switch",
                    "destroy",
                    objects=r"\b(browser|sessions?|connections?|page|tab|tabs|debugger|debug session|window|terminal|repl|socket|websocket|database connection|desktop|app)\b",
                ),
                name_pattern(
                    r"^(connect|disconnect|close|quit|exit)$|\b(open|close|start|end|init) (\w+ )?(session|connection|browser|tab|debugger)\b|\bbrowser (close|open|init|start|stop)\b|\b(connect|disconnect) (to )?(\w+ )?(server|database|db|device|host|vm|session)\b"
                ),
            ),
            text(
                r"\b(issues?|ticket|pull request|case|milestone|position|record|page in (notion|confluence)|new page)\b"
            ),
            words_in_name(
                "get",
                "list",
                "delete",
                "duplicate",
                "write",
                "add",
                "document",
                "checkout",
                "connections",
                "chat",
                "issue",
                "ticket",
                "notion",
                "confluence",
                "wiki",
                "user",
                "auth",
                "board",
                "doc",
                "milestone",
                "deal",
                "case",
            ),
        ),
        positive=(
            Example("close_session", "Close the session."),
            Example("connect", "Open a connection to the database."),
        ),
        negative=(Example("close_issue", "Close an issue."), Example("list_sessions", "List the sessions.")),
    ),
)

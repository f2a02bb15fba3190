"""Rules for the modifiers that raise the risk, or are noted, by what the call handles (codebook, "Risk")."""

from __future__ import annotations

from typing import Final

from classifier.rules.raising_words import STRING
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

DATA: Final[tuple[Rule, ...]] = (
    Rule(
        id="returns-secrets",
        argues_for="secrets_out",
        direction=1,
        title="Returns credentials, keys or secrets",
        rationale="Whoever reads the answer can act as the owner; counts two steps.",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "get",
                    "list",
                    "read",
                    "retrieve",
                    "fetch",
                    "show",
                    "extract",
                    "reveal",
                    "return",
                    "print",
                    "export",
                    "generate",
                    "decrypt",
                    "obtain",
                    "assume",
                    objects=r"\b(secrets?|passwords?|credentials?|private keys?|api ?keys?|access keys?|license keys?|sdk keys?|(api|access|auth\w*|bearer|database|sas|request|refresh|share|share portfolio) tokens?|env(ironment)? variables?|env|key pair|mnemonic|seed phrase|connection string|signing keys?|aes key|service variables|accounts? and export|login link)\b",
                ),
                act("create", objects=r"\b(mnemonic|seed phrase|key pair)\b"),
                text(
                    r"\b(backup|export)\b[^.\n]{0,40}\b(accounts|wallets?|keys)\b[^.\n]{0,40}\bimport|\btemporary credentials\b"
                ),
                name_pattern(
                    r"\b(get|list|read|reveal|show|export|print|fetch|retrieve) (\w+ )*(secret|secrets|password|passwords|credentials|private key|api keys?|license key|env|environment variables|access token|request token|share token|sas token|tokens api|api tokens|variables service|sdk keys|mnemonic)( value)?$|^(api|private) keys$|^(print|show) env\b"
                ),
            ),
            text(
                r"\b(metadata|without (the )?(values?|secrets?)|names? only|masked|redacted|token price|token metrics|crypto|blockchain|design tokens?|nft|coin|check|strength|random password|password generator|generate (a )?(secure |strong |random )*password|keywords?|by (a |the )?private key|using (a |the )?private key|publishable)\b"
            ),
            words_in_name(
                "scanning",
                "alert",
                "alerts",
                "scan",
                "coin",
                "price",
                "design",
                "balance",
                "policy",
                "count",
                "usage",
                "holders",
                "check",
                "password",
                "rotation",
            ),
        ),
        positive=(
            Example("get_secret", "Get a secret's value."),
            Example("list_api_keys", "List the API keys."),
            Example("get_token", "Get an access token."),
        ),
        negative=(
            Example("get_token_price", "Get the price of a token."),
            Example("get_issue", "Get an issue."),
            Example("find_account", "Get the account and its keys by private key."),
        ),
    ),
    Rule(
        id="takes-secrets",
        argues_for="secrets_in",
        direction=1,
        title="Stores or sets a secret that is handed over",
        rationale="A secret passes through the caller and the model; one that only authenticates the call does not count (rule 22).",
        since="1",
        matcher=but_not(
            any_of(
                all_of(
                    parameter(
                        r"^((new |user |master |admin |db |database )?password|private key|mnemonic|seed phrase|client secret|secret key|secret value|secret string|secret|master user password|passphrase)$"
                    ),
                    act("@create", "@update", "@store", "@grant", "@manage", "@pay", "@transfer"),
                ),
                act(
                    "set",
                    "save",
                    "store",
                    "create",
                    "add",
                    "update",
                    "configure",
                    "put",
                    "import",
                    "rotate",
                    objects=r"\b(secrets?|passwords?|credentials?|private keys?|ssh keys?|public keys?|environment variables?|env(ironment)? vars?|keychain|captcha config\w*|registry auth|proxy config)\b",
                ),
                act("import", objects=r"\b(wallet|accounts?)\b"),
                act(
                    "set",
                    "save",
                    "store",
                    objects=r"\b((auth\w*|access|share|api|github|bearer) (tokens?|codes?))\b",
                ),
                name_pattern(
                    r"\b(set|create|update|add|put|save|store|import|rotate|modify) (\w+ )*(secret|secrets|password|credential|credentials|private key|ssh key|mnemonic|env|env var|environment variable)s?\b|\bwallet from\b"
                ),
            ),
            act("@look", "@delete", "@signin"),
            words_in_name("get", "list", "delete", "generate"),
        ),
        positive=(
            Example("set_secret", "Set a secret."),
            Example("create_user", "Create a user.", {"password": STRING}),
            Example("set_auth_code", "Set the auth code of the login."),
        ),
        negative=(
            Example("list_secrets", "List the names of secrets."),
            Example("get_user", "Get a user.", {"token": STRING}),
            Example("create_wallet", "Create a wallet."),
        ),
    ),
    Rule(
        id="fetches-free-url",
        argues_for="ssrf",
        direction=1,
        title="Fetches an address that the caller chooses",
        rationale="It can reach what only this machine or this server can reach.",
        since="1",
        matcher=but_not(
            any_of(
                all_of(
                    parameter(
                        r"^(url|urls|uri|link|target url|page url|website|website url|url\d?|site url|start url|web url|path or url|feed url|rss url)$"
                    ),
                    any_of(
                        act(
                            "fetch",
                            "get",
                            "scrape",
                            "crawl",
                            "extract",
                            "read",
                            "download",
                            "parse",
                            "browse",
                            "retrieve",
                            "convert",
                            "load",
                            "ingest",
                            "analyze",
                            "capture",
                            "screenshot",
                            "scan",
                            "check",
                            "summarize",
                            "map",
                            "compare",
                            "visit",
                            "access",
                            "audit",
                            "request",
                            "run",
                            "make",
                            "import",
                            "test",
                        ),
                        name_pattern(r"\b(url|web|page|fetch|scrape|crawl|site)\b"),
                    ),
                ),
                text(
                    r"\b(fetch(es)?|scrapes?|scraping|crawls?|extracts?|downloads?|reads?|loads?|parses?|converts?|captures?|screenshots?|processe?s?|analy[sz]es?|summari[sz]es?|audit|test|compare|inspect)\b[^.\n]{0,70}\b(from |of |at |to |on )?(a |an |the |any |one or more |given |specified |single |multiple |provided )*(urls?|web ?pages?|websites?|web (content|page|url|scraping))\b|\b(retrieves?|gets?)\b[^.\n]{0,50}\b(content|html|text|markdown|pages?)\b[^.\n]{0,20}\b(urls?|web ?pages?|websites?)\b",
                    lead=True,
                    unless=r"\b(github|youtube|linkedin|amazon|twitter|tiktok|zara|product|repository|channel|video|instagram|image|png|svg|api|wikipedia|arxiv|reddit|profile|documentation|notion|job|search results|list of (urls|websites)|returns? (the )?(a )?url|urls? of|dataset|company|sitemap of|domain|analytics|search console|metrics|shorten|for (the )?website|valid [\w ]+ url|current (web ?)?page|the page|its url|download urls?|status|queued)\b",
                ),
                name_pattern(
                    r"^(\w+ )?(fetch|scrape|crawl|browse|read|extract|download|visit|audit|unblock|screenshot)( from)? (url|urls|webpage|webpages|web page|website|page|page content|site|html|markdown|web|web content|feed)( \w+)?$|\bget (url|webpage|website) content\b|\b(upload|import|download|attach\w*) (\w+ )*(via|from|by) url\b|\bingest (url|urls|website|sitemap|rss|web pages?)\b|^(fetch|scrape|crawl|crawler|scraper|browse|http (get|head|options|put|post|patch))$|\bscrape (as )?(markdown|html|url|domain|page|web\w*)\b|^(\w+ )?scrape( (balanced|deep|focused|fast|full))?$|\b(firecrawl|jina) (scrape|crawl|reader|extract|map)\b"
                ),
                text(r"(网页|URL|网址|链接).{0,12}(内容|抓取|提取)|从指定URL"),
            ),
            text(
                r"\b(youtube|linkedin|github|tiktok|douyin|抖音|amazon|instagram|bilibili|zara|product url|shorten|short url)\b",
                lead=True,
            ),
            name_pattern(
                r"\b(youtube|linkedin|github|amazon|instagram|tiktok|twitter|short|shorten|linear|notion|product|products|reddit|facebook|search|dataset|status|result|report|documentation|transcript|transcripts|docs)\b"
            ),
            text(r"\brequires? a valid\b|\bstatus_url\b|\bresponse_url\b"),
        ),
        positive=(
            Example("fetch", "Fetch a page.", {"url": STRING}),
            Example("scrape_url", "Scrape the content of a web page."),
            Example("audit_page", "Audit a web page."),
            Example("upload_attachment_via_url"),
        ),
        negative=(
            Example("get_video", "Get a YouTube video by its URL.", {"url": STRING}),
            Example("get_issue", "Get an issue."),
            Example("take_screenshot", "Take a screenshot of the page.", {"target": STRING}),
            Example(
                "shop_reviews", "Read the reviews of a shop. Requires a valid shop URL.", {"url": STRING}
            ),
            Example("get_url_report"),
        ),
    ),
    Rule(
        id="reads-sensitive-data",
        argues_for="sensitive",
        direction=1,
        title="Returns personal, health or money data in bulk",
        rationale="The answer itself is what must be protected.",
        since="1",
        matcher=all_of(
            any_of(
                text(
                    r"\b(personal (data|information)|health (data|records?)|medical records?|patients?|bank(ing)? details|(all|your|the user's|user's) (emails?|gmail|inbox|messages|chats|contacts)|heart rate|hrv|sleep (data|stats)|payslips?|salar(y|ies)|billing information|credit card (numbers?|transactions)|live traffic|microphone|location history|browsing history|chat history|trade history|keystrokes|ssn|social security|passport)\b",
                    lead=True,
                ),
                name_pattern(
                    r"\b(get|list|fetch|search|read|export) (\w+ )*(inbox|patients|medical records|health data|personal information|imessages|sms|call history|location history|browsing history|payslips?|salary history|billing info)$|\b(daily|nightly|get) (hrv|sleep)\b"
                ),
            ),
            act("@look", "record", "export"),
        ),
        positive=(
            Example("search_emails", "Search all your emails."),
            Example("list_patients"),
            Example("get_payslip", "Get the payslip of an employee."),
        ),
        negative=(
            Example("list_issues", "List issues."),
            Example("send_email", "Send an e-mail."),
            Example("list_contacts", "List the contacts of a room."),
        ),
    ),
    Rule(
        id="reads-host-files",
        argues_for="host_files",
        direction=1,
        title="Takes an arbitrary path on the host",
        rationale="It can read what lies beside what it was meant for; lifts a Read, not a Write (rule 17).",
        since="1",
        matcher=but_not(
            any_of(
                parameter(
                    r"^((input|source|local|pdf|image|excel|csv|json|video|audio|document|doc|owl|pcap|data|db|owl file|absolute|src|workbook|target|full|log|docx|pptx|config|xlsx|markdown|md|docs?|script) ?(file ?)?(path|paths)|file ?paths?|filepaths?|file absolute path|input files?|path or url|directory( path)?|dir path|folder path|absolute path|image files?|codebase path|root path)$",
                    required=True,
                ),
                all_of(
                    parameter(r"^(path|paths|file|files|directory|root|workbook|filepath)$"),
                    act(
                        "read",
                        "list",
                        "search",
                        "get",
                        "open",
                        "view",
                        "find",
                        "write",
                        "save",
                        "convert",
                        "edit",
                        "grep",
                        "analyze",
                        "load",
                        "tree",
                        "@create",
                        "@look",
                        "@store",
                        "stat",
                        "extract",
                        "insert",
                        "format",
                    ),
                ),
                text(
                    r"\b(read|reads|view|list|search|analy[sz]e|load|open|extract|cat|display)\w*\b[^.\n]{0,50}\b(local files?|files? (on|from) (the |your )?(local |host |disk|file ?system)|file ?system|absolute paths?|from disk|a directory|(from|in) (an? )?(pdf|csv|excel|epub|local|word|json) files?|contents? of (a |the )?(file|multiple files|directory))\b",
                    lead=True,
                    unless=r"\b(remote|webdav|uploaded|metadata|attached|memory bank|workspace|template|selected)\b",
                ),
                name_pattern(
                    r"^(\w+ )?(read|view|open|cat) (\w+ )?(file|files|text file|multiple files|file contents|media file|pdf|excel)$|^(\w+ )?(search|read) (pdf|epub|excel|csv)( \w+)*$|^(cat|ls|glob|tree|stat)$"
                ),
            ),
            text(
                r"\b(github|gitlab|repositor(y|ies)|repo|google drive|gdrive|drive|s3|bucket|sharepoint|onedrive|dropbox|figma|vault|sandbox|notion|obsidian|gist|box|confluence|slack|project files|workspace files|cloud storage|in the workspace|workspace filesystem|wiki|wikimedia|seafile|remote|webdav|documentation page|documentation file|data directory|memory bank|permalink|project files?|uploaded)\b"
            ),
            parameter(r"^(repo|owner|repository|project id|ref|branch|sha)$"),
            words_in_name(
                "github",
                "gitlab",
                "repo",
                "repository",
                "drive",
                "gdrive",
                "s3",
                "figma",
                "sandbox",
                "obsidian",
                "vault",
                "gist",
                "commit",
                "dropbox",
                "git",
                "onedrive",
                "sharepoint",
                "slack",
                "bitbucket",
                "figjam",
                "box",
                "allowed",
                "remote",
                "docs",
                "doc",
                "bank",
            ),
        ),
        positive=(
            Example("read_file", "Read a file.", {"path": STRING}),
            Example("json_search", "Search in a JSON file.", {"file_path": STRING}, required=("file_path",)),
        ),
        negative=(
            Example("get_file_contents", "Get a file of a GitHub repository.", {"path": STRING}),
            Example("get_issue", "Get an issue."),
            Example("get_file", "Get a file.", {"file_path": STRING, "project_id": STRING, "ref": STRING}),
            Example("take_snapshot", "Take a snapshot of the page.", {"filename": STRING}),
        ),
    ),
    Rule(
        id="reaches-people",
        argues_for="comms",
        title="A person gets a message",
        rationale="Noted, never a step (rule 17).",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "send",
                    "reply",
                    "post",
                    "comment",
                    "notify",
                    "forward",
                    "message",
                    "email",
                    objects=r"\b(messages?|emails?|comments?|replies|notifications?|sms|reminders?|invitations?)\b",
                ),
                name_pattern(
                    r"\b(send|post|reply|add|create) (\w+ )?(message|email|comment|sms|notification|reply)\b"
                ),
            ),
            act("@look"),
        ),
        positive=(Example("send_email", "Send an e-mail."), Example("add_comment")),
        negative=(Example("list_messages", "List messages."), Example("create_issue", "Create an issue.")),
    ),
    Rule(
        id="costs-money",
        argues_for="spends",
        title="Said to cost money or credits",
        rationale="Noted, never a step (rule 17).",
        since="1",
        matcher=text(
            r"\b(costs? (\d+ )?(credits?|money)|cost warning|incurs? (aws |additional )?(charges|costs)|may incur|billed|consumes? (\d+ )?(credits?|quota|compute))\b"
        ),
        positive=(
            Example("generate", "Generate an image. Costs 2 credits."),
            Example("create_vm", "Create a VM. This may incur charges."),
        ),
        negative=(Example("get_cost", "Get the cost of a plan."), Example("list_vms", "List machines.")),
    ),
)

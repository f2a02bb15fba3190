"""What verbs and objects say about an act: the vocabulary of rules, features and acts.

One table of verbs by *family*, one of objects by *kind*. A family is finer than a category, because
what an act is also depends on its object (codebook, tie-breaks 8 to 12).
"""

from __future__ import annotations

from typing import Final

from classifier.types import Category

_FAMILIES: Final[dict[str, str]] = {
    "look": """get list search find read fetch retrieve show view describe query lookup browse inspect check count
        detect discover explore look peek see watch monitor track poll observe scan audit review examine report
        summarize summarise explain compare diff analyze analyse evaluate assess investigate diagnose identify
        recommend suggest extract scrape crawl parse load return provide give display present print dump tail head
        ping whois locate query access obtain gather collect pull select filter sort rank enumerate
        iterate preview test verify validate lint is has exists can whoami status info aggregate trace
        profile measure estimate predict forecast classify recognize recognise transcribe ocr understand learn
        answer consult quote grep glob cat ls stat tree hover screenshot capture snapshot wait sleep
        acquire determine advise warn help know figure match map geocode
        translate proofread perceive visualize visualise plot graph correlate benchmark""",
    "compute": """calculate compute convert transform format encode decode encrypt decrypt hash count sum subtract multiply
        divide derive solve simplify render evaluate tokenize chunk normalize normalise beautify minify stringify
        prettify interpolate simulate optimize optimise plan think reason brainstorm roll randomize randomise
        score infer cluster reverse echo greet hello base64 """,
    "create": """create ensure declare add insert make new register define append attach assign put establish initialize initialise
        init setup scaffold bootstrap compose draft duplicate copy clone fork import enter record log submit book
        reserve schedule introduce place draw populate fill seed enqueue
        queue enroll enrol onboard provision""",
    "update": """update enforce restrict recolor resolve edit modify change set patch adjust alter amend rename move replace merge sync synchronize
        synchronise upsert configure customize customise increment decrement resize reorder rearrange
        apply annotate label tag categorize mark flag pin star favorite favourite like
        bookmark follow upvote downvote vote rate react complete reopen approve reject accept
        decline confirm acknowledge snooze crop rotate flip trim split combine join
        align group ungroup refactor fix correct toggle switch enable activate turn lock unlock
        transition promote demote bump commit stage stash checkout rebase style highlight fold
        extend upgrade downgrade migrate link relate associate bind override
        revise restructure reformat tune hide unhide """,
    "store": """save write upload store persist export download memorize memorise remember backup
        checkpoint index ingest embed cache push note journal""",
    "publish": "post publish share comment reply announce broadcast tweet toot release repost retweet",
    "grant": "grant invite authorize authorise permit allow whitelist expose ",
    "ease": """archive unarchive trash disable deactivate close mute unmute detach unlink unassign untag unstar
        unfollow unlike unpin unsubscribe disassociate dissociate suspend hide leave unmark
        unshare unresolve unstage unsubmit unprotect unfavorite unfavourite unfriend unblock block ban kick unschedule undo redo
        dismiss bury unlabel recycle ignore""",
    "remove": "remove clear clean cleanup evict pop dequeue strip exclude discard unset deregister unregister",
    "delete": """delete destroy drop purge truncate wipe erase uninstall revoke terminate kill del rm
        rmdir obliterate expunge nuke prune flush empty deprovision teardown tear decommission annihilate
        unpublish shred invalidate undeploy""",
    "cancel": "cancel abort",
    "reset": "reset recreate reinstall reimage restore revert rollback rewind recover reinitialize overwrite",
    "run": """run execute exec eval start launch trigger invoke call dispatch deploy spawn perform process
        boot reboot rebuild resync reprocess restart relaunch rerun retry resume trigger fire install build compile
        operate control drive play replay orchestrate delegate automate act handle
        debug step continue crack exploit attack fuzz inject brute hack scale autoscale failover
        serve power wake bash shell powershell ssh python
        interrupt""",
    "stop": "stop pause halt shutdown quit exit end hangup standby disconnect",
    "drive": """click tap press type navigate scroll drag swipe goto keypress
        back forward refresh reload focus blur open
        zoom maximize minimize jump walk fly mine dig """,
    "contact": "send email mail notify message dial sms whatsapp fax alert forward",
    "generate": """generate gen synthesize synthesise imagine paint speak say narrate sing remix upscale animate inpaint
        outpaint ask chat prompt converse rewrite rephrase paraphrase humanize talk
        dub vocalize sample """,
    "pay": """pay charge refund purchase buy sell trade swap withdraw deposit stake unstake mint borrow repay
        lend bet wager donate tip subscribe bill invoice reimburse payout checkout
        liquidate undelegate redelegate bridge claim redeem airdrop short long hedge fund topup renew spend remit bid harvest
        wrap unwrap supply""",
    "transfer": "transfer exchange order",
    "signin": "login logout authenticate signin signout connect auth oauth sign",
    "manage": "manage administer work organize organise maintain crud",
    "seek": "request require use interact",
}
_NOMINAL: Final = {
    "creation": "create", "deletion": "delete", "removal": "remove", "cancellation": "cancel", "execution": "run",
    "retrieval": "get", "calculation": "calculate", "generation": "generate", "conversion": "convert",
    "installation": "install", "termination": "terminate", "analysis": "analyze", "validation": "validate",
    "management": "manage", "updating": "update", "searching": "search", "lookup": "lookup", "listing": "list",
    "search": "search", "calculator": "calculate", "converter": "convert", "finder": "find", "validator": "validate",
    "generator": "generate", "analyzer": "analyze", "checker": "check", "fetcher": "fetch", "reader": "read",
    "writer": "write", "runner": "run", "sender": "send", "summary": "summarize", "overview": "summarize",
}  # fmt: skip
_CATEGORY_OF_FAMILY: Final = {
    "look": Category.READ, "compute": Category.READ, "create": Category.WRITE, "update": Category.WRITE,
    "store": Category.WRITE, "publish": Category.WRITE, "grant": Category.WRITE, "ease": Category.WRITE,
    "remove": Category.DESTRUCTIVE, "delete": Category.DESTRUCTIVE, "cancel": Category.DESTRUCTIVE,
    "reset": Category.DESTRUCTIVE, "run": Category.EXECUTE, "stop": Category.EXECUTE, "drive": Category.EXECUTE,
    "contact": Category.EXECUTE, "generate": Category.EXECUTE, "pay": Category.FINANCIAL,
    "transfer": Category.FINANCIAL, "signin": Category.WRITE, "manage": Category.WRITE, "seek": Category.READ,
}  # fmt: skip
_KINDS: Final[dict[str, str]] = {
    "money": """payment payments invoice invoices refund refunds payout payouts subscription subscriptions order orders
        transaction transactions charge charges coupon coupons price prices token tokens swap trade trades position
        positions wallet wallets fund funds money balance collateral liquidity loan margin leverage bid bids budget
        budgets billing checkout card cards sol eth btc usdc usdt erc20 nft nfts crypto stock stocks shares share
        bet bets deposit withdrawal plan plans fee fees mandate quote quotes ach ether bitcoin coin coins""",
    "process": """job jobs run runs build builds execution executions process processes workflow workflows pipeline
        pipelines task tasks query operation operations training export import transfer backup scan scans crawl
        deployment deployments sandbox render instance instances migration evaluation batch campaign""",
    "contact": """email emails mail mails sms message messages call calls whatsapp fax phone notification notifications
        webhook webhooks otp newsletter telegram slack discord tweet tweets dm""",
    "session": """session sessions connection connections browser page tab tabs window context debugger breakpoint
        playback volume track player song music cursor viewport terminal cookie cookies camera device""",
    "small": """comment comments reaction reactions note notes label labels tag tags bookmark bookmarks star stars like
        likes emoji favorite favorites favourite watch reminder reminders memory memories highlight annotation
        annotations link links vote pin draft drafts observation observations entry todo""",
    "code": """code command commands script scripts sql query shell python javascript js bash cypher graphql powershell
        expression program function notebook cell macro test tests statement cmd terminal""",
    "access": """permission permissions role roles access key keys secret secrets credential credentials password
        collaborator collaborators member members user users policy policies acl grant token tokens ownership
        visibility certificate certificates mfa invite invitation invitations team teams sharing account accounts
        admin apikey""",
    "infra": """cluster clusters instance instances vm vms server servers container containers pod pods node nodes
        database databases deployment deployments namespace stack stacks network vpc subnet volume volumes bucket
        buckets domain domains dns zone zones loadbalancer firewall host hosts droplet service services function
        environment infrastructure kubernetes helm release app application project""",
    "media": "image images video videos audio music speech voice song picture photo avatar sound art artwork animation",
    "file": """file files folder folders directory document documents page pages sheet sheets workbook worksheet row rows
        column columns cell cells table tables chart slide slides presentation record records item items object
        objects entity entities collection collections index attachment attachments report""",
    "issue": """issue issues ticket tickets card cards board boards project projects pull request requests branch
        branches repository repositories repo repos commit commits milestone sprint epic list lists event events
        contact contacts lead leads deal deals company companies customer customers product products post posts
        article articles channel channels group groups campaign campaigns template templates rule rules""",
    "info": """details detail data stats statistics summary schema schemas docs doc documentation version versions types news
        metadata latest analysis metrics metric recent top available availability usage performance weather forecast
        trending results structure properties historical analytics feed reference references recommendations overview
        information info health status current insights insight transcript transcripts reviews coordinates location
        locations distance directions nearby languages supported categories category ranking trends related popular
        rates rate insights timeline catalog findings vulnerabilities suggestions options statements balance balances
        holders count total average ratio value values definition definitions guide example examples help history""",
    "cache": "cache caches history log logs buffer queue trash bin temp temporary session",
}
# Wide scripts have no word ends: the longest of these found first in a text is its verb.
WIDE_VERBS: Final[dict[str, str]] = {
    "删除": "delete", "移除": "remove", "清空": "clear", "清除": "clear", "卸载": "uninstall", "撤销": "revoke",
    "吊销": "revoke", "终止": "terminate", "销毁": "destroy", "取消": "cancel", "重置": "reset", "恢复": "restore",
    "回滚": "rollback", "创建": "create", "新建": "create", "添加": "add", "新增": "add", "插入": "insert",
    "生成": "generate", "更新": "update", "修改": "update", "编辑": "edit", "设置": "set", "保存": "save",
    "写入": "write", "上传": "upload", "下载": "download", "导出": "export", "导入": "import", "移动": "move",
    "重命名": "rename", "合并": "merge", "获取": "get", "查询": "query", "搜索": "search", "查找": "find",
    "读取": "read", "列出": "list", "查看": "view", "检索": "search", "检查": "check", "分析": "analyze",
    "计算": "calculate", "转换": "convert", "验证": "validate", "解析": "parse", "提取": "extract", "返回": "get",
    "翻译": "translate", "识别": "recognize", "诊断": "diagnose", "爬取": "scrape", "抓取": "scrape",
    "执行": "execute", "运行": "run", "启动": "start", "停止": "stop", "暂停": "pause", "重启": "restart",
    "部署": "deploy", "触发": "trigger", "调用": "invoke", "点击": "click", "打开": "open", "关闭": "close",
    "发送": "send", "发布": "publish", "通知": "notify", "回复": "reply", "评论": "comment", "支付": "pay",
    "退款": "refund", "购买": "buy", "下单": "order", "转账": "transfer", "买入": "buy", "卖出": "sell",
    "充值": "topup", "管理": "manage", "归档": "archive", "禁用": "disable", "启用": "enable", "授权": "grant",
    "삭제": "delete", "제거": "remove", "취소": "cancel", "초기화": "reset", "생성": "create", "추가": "add",
    "등록": "register", "수정": "update", "변경": "update", "저장": "save", "업로드": "upload", "조회": "get",
    "검색": "search", "가져": "get", "확인": "check", "분석": "analyze", "계산": "calculate", "변환": "convert",
    "목록": "list", "실행": "run", "시작": "start", "중지": "stop", "전송": "send", "보내": "send", "발송": "send",
    "결제": "pay", "주문": "order", "매수": "buy", "매도": "sell", "환불": "refund", "제공": "provide",
    "削除": "delete", "取り消": "cancel", "キャンセル": "cancel", "作成": "create", "追加": "add", "登録": "register",
    "更新する": "update", "変更": "update", "取得": "get", "検索": "search", "一覧": "list",
    "実行": "run", "開始": "start", "停止する": "stop", "送信": "send", "投稿": "post", "支払": "pay", "注文": "order",
    "計算": "calculate", "変換": "convert", "確認": "check", "表示": "show", "生成する": "generate",
    "獲取": "get", "刪除": "delete", "創建": "create", "建立": "create", "搜尋": "search", "查詢": "query",
    "執行": "execute", "發送": "send", "修改為": "update", "儲存": "save", "取得する": "get",
}  # fmt: skip
_ROMANCE: Final = {
    "delete": "eliminar elimina borrar borra excluir exclui remover apagar supprimer supprime löschen löscht sil siler silme",
    "cancel": "cancelar cancela annuler annule stornieren iptal",
    "create": "crear crea criar cria créer crée erstellen erstellt oluştur oluşturur",
    "add": "agregar agrega añadir añade adicionar adiciona ajouter ajoute hinzufügen ekle ekler",
    "update": "actualizar actualiza atualizar atualiza modificar modifica mettre aktualisieren güncelle günceller güncelleme",
    "get": """obtener obtiene obter obtém consultar consulta recuperar recupera obtenir obtient abrufen getir getirir
        devuelve retorna trae""",
    "search": "buscar busca pesquisar pesquisa rechercher recherche suchen sucht ara arar",
    "list": "listar lista liste lister auflisten listele listeler",
    "send": "enviar envía envia envoyer envoie senden sendet gönder gönderir",
    "run": "ejecutar ejecuta executar executa exécuter exécute ausführen çalıştır çalıştırır",
    "pay": "pagar paga payer paie bezahlen öde",
    "calculate": "calcular calcula calculer calcule berechnen berechnet hesapla hesaplar",
    "analyze": "analizar analiza analisar analisa analyser analysieren analiz",
    "save": "guardar guarda salvar salva enregistrer speichern kaydet kaydeder",
    "buy": "comprar compra acheter kaufen satın",
    "check": "verificar verifica vérifier prüfen kontrol doğrula",
}


def _inflections(verb: str) -> tuple[str, ...]:
    """The verb with -s, -ing and -ed, by the regular rules of English spelling."""
    if verb.endswith("e"):
        return verb, verb + "s", verb[:-1] + "ing", verb + "d"
    if verb.endswith("y") and verb[-2:-1] not in "aeou":
        return verb, verb[:-1] + "ies", verb + "ing", verb[:-1] + "ied"
    s = verb + ("es" if verb.endswith(("s", "sh", "ch", "x", "z")) else "s")
    doubled = verb + verb[-1]
    return verb, s, verb + "ing", verb + "ed", doubled + "ing", doubled + "ed"


_IRREGULAR: Final = {
    "made": "make", "sent": "send", "found": "find", "wrote": "write", "ran": "run", "written": "write",
    "built": "build", "bought": "buy", "sold": "sell", "paid": "pay", "drew": "draw", "left": "leave",
    "queries": "query", "has": "has", "sends": "send", "shows": "show",
}  # fmt: skip


def _lemmas() -> dict[str, str]:
    table: dict[str, str] = {}
    for verbs in _FAMILIES.values():
        for verb in verbs.split():
            for form in _inflections(verb):
                table.setdefault(form, verb)
    table.update({verb: verb for verb in FAMILY_OF})
    for verb, forms in _ROMANCE.items():
        for form in forms.split():
            table.setdefault(form, verb)
    for form, verb in {**_IRREGULAR, **_NOMINAL}.items():
        table.setdefault(form, verb)
    return table


def _first_listing(tables: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, entries in tables.items():
        for entry in entries.split():
            found.setdefault(entry, key)
    return found


FAMILY_OF: Final[dict[str, str]] = _first_listing(_FAMILIES)  # verb -> family
LEMMA_OF: Final[dict[str, str]] = _lemmas()  # any form -> verb
KIND_OF: Final[dict[str, str]] = _first_listing(_KINDS)  # noun -> kind
CATEGORY_OF_FAMILY: Final[dict[str, Category]] = _CATEGORY_OF_FAMILY


def family_of(form: str) -> str | None:
    """The family of a verb in any form, or None when the word is no verb we know."""
    lemma = LEMMA_OF.get(form)
    return FAMILY_OF.get(lemma) if lemma else None

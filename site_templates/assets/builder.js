// The page of the visual policy builder: picks a server, keeps the draft, and brings everything up to it.
"use strict";

{
  const { element } = BuilderValue;
  const get = (id) => document.getElementById(id);
  const STEP = 60, PATIENCE = 120;
  const waiting = new Map();
  let server = null, draft = null, slug = "", turn = 0, shown = STEP, timer = 0;
  let opened = new Set(), unfolded = new Set(), before = new Map(), nodes = new Map(), parameters = new Map();

  // Data of servers come as script files that call back, so that it works from a folder too.
  let arriving = null;
  self.policyBuilder = { server: (text) => { arriving = JSON.parse(text); } };

  function load(name) {
    if (!waiting.has(name)) {
      waiting.set(name, new Promise((resolve, reject) => {
        const script = element("script", { src: `${root}tools/${name}/builder.js` });
        script.addEventListener("load", () => { const found = arriving; arriving = null; if (found) resolve(found); else reject(new Error(name)); });
        script.addEventListener("error", () => { waiting.delete(name); reject(new Error(name)); });
        document.head.append(script);
      }));
    }
    return waiting.get(name);
  }

  // Finding a server: the first ones at once, others by the words of their names.
  async function find() {
    const mine = turn += 1, words = Finder.cut(get("server").value);
    let found, note;
    try {
      const { servers } = await Finder.load("index");
      const all = words.length ? await matching(words, servers) : Array.from({ length: servers }, (_, at) => at);
      found = await Finder.entries(all.slice(0, words.length ? 30 : 12));
      note = all.length === 0 ? "No server is called so." : all.length > found.length ? `${all.length.toLocaleString("en")} servers; type to narrow them down` : `${all.length} ${all.length === 1 ? "server" : "servers"}`;
    } catch {
      [found, note] = [[], "The list of servers could not be loaded."];
    }
    if (mine !== turn) return;
    const links = found.map(([name, , where]) => element("li", {}, element("a", { href: `#${new URLSearchParams({ server: where })}` }, name)));
    get("servers").replaceChildren(element("p", { className: "by" }, note), element("ul", { className: "columns" }, ...links));
  }

  async function matching(words, servers) {
    const [first, ...others] = (await Promise.all(words.map((word) => Finder.look(word, Finder.LISTS.name)))).map((one) => one.merits);
    const all = [...first.keys()].filter((number) => number < servers && others.every((other) => other.has(number)));
    return all.sort((one, other) => first.get(one) - first.get(other) || one - other);
  }

  // What the rows of tools work on.
  const host = {
    get draft() { return draft; },
    get slug() { return slug; },
    setting: (name) => draft.settings.get(name),
    choiceOf: (tool) => (opened.has(tool.name) ? "custom" : PolicyDraft.choice(draft.settings.get(tool.name))),
    parametersOf: (tool) => {
      if (!parameters.has(tool.name)) parameters.set(tool.name, PolicySchema.parameters(tool.schema ?? {}));
      return parameters.get(tool.name);
    },
    effect,
    choose,
    isUnfolded: (tool) => unfolded.has(tool.name),
    unfold(tool, open) {
      if (open) unfolded.add(tool.name);
      else unfolded.delete(tool.name);
    },
    set(tool, rule, redraw = false) {
      draft.settings.set(tool.name, rule);
      opened.add(tool.name);
      touched(tool, redraw);
    },
  };

  function choose(tool, choice) {
    const old = draft.settings.get(tool.name);
    if (host.choiceOf(tool) === "custom") before.set(tool.name, old);
    const usual = PolicyDraft.preset(server.tools, "recommended").get(tool.name), fits = PolicyDraft.choice(usual) === choice;
    opened.delete(tool.name);
    if (choice === "custom") {
      const rule = before.get(tool.name) ?? (fits ? usual : old && old !== PolicyDraft.HIDDEN && old.action === "approve" ? old : {});
      draft.settings.set(tool.name, rule);
      opened.add(tool.name);
      unfolded.add(tool.name);
    } else if (!choice) draft.settings.delete(tool.name);
    else if (choice === "hide") draft.settings.set(tool.name, PolicyDraft.HIDDEN);
    else draft.settings.set(tool.name, choice === "allow" ? {} : fits ? usual : { action: choice });
    touched(tool, true);
  }

  function effect(tool) {
    const setting = draft.settings.get(tool.name);
    if (setting === PolicyDraft.HIDDEN) return "The agent is not told that it exists.";
    if (setting !== undefined) return PolicyWords.rule(setting);
    const pattern = PolicyDraft.pattern(draft, tool.name);
    if (pattern === undefined) return draft.fallback === "deny" ? "Not listed: denied by default." : "Not listed: allowed by default.";
    const wide = draft.settings.get(pattern);
    return `As ${PolicyLint.oneLine(pattern, 60)} says: ${wide === PolicyDraft.HIDDEN ? "hidden." : PolicyWords.rule(wide)}`;
  }

  function touched(tool, redraw) {
    const at = server.tools.indexOf(tool), node = nodes.get(at);
    if (node && redraw) BuilderRule.fill(node, tool, at, host);
    else if (node) BuilderRule.say(node, tool, host);
    refresh(redraw);
  }

  // The outcome follows typing with a short rest, and everything else at once.
  function refresh(now = true) {
    clearTimeout(timer);
    if (now) settle();
    else timer = setTimeout(settle, PATIENCE);
  }

  function settle() {
    if (draft.outside.pin) pin(true);
    BuilderOutcome.show(draft, server.tools, go);
    for (const button of document.querySelectorAll("[data-preset]")) button.setAttribute("aria-pressed", String(button.dataset.preset === draft.preset && isUntouched()));
    keepInAddress();
  }

  const isUntouched = () => {
    const usual = PolicyDraft.preset(server.tools, draft.preset);
    return usual.size === draft.settings.size && [...usual].every(([name, rule]) => PolicyLint.same(rule, draft.settings.get(name)));
  };

  let keeping = 0;
  async function keepInAddress() {
    const mine = keeping += 1, hash = await BuilderAddress.write(slug, draft, server.tools);
    if (mine === keeping && location.hash !== hash) history.replaceState(null, "", hash);
  }

  // A pin holds for what is listed by its own name and not hidden.
  function pin(wanted) {
    const { pin: _, ...rest } = draft.outside;
    const listed = server.tools.filter((tool) => { const setting = draft.settings.get(tool.name); return setting !== undefined && setting !== PolicyDraft.HIDDEN; });
    draft.outside = wanted && listed.length ? { ...rest, pin: kept(listed) } : rest;
  }

  // Fingerprints that an opened policy pinned stay as they are, so that the lint can say that they are old.
  function kept(listed) {
    const old = draft.outside.pin instanceof Map ? draft.outside.pin : new Map(Object.entries(draft.outside.pin ?? {}));
    const fresh = draft.preset ? listed.filter((tool) => !old.has(tool.name)).map((tool) => [tool.name, tool.fingerprint]) : [];
    const names = new Set(listed.map((tool) => tool.name)), mine = [...old].filter(([name]) => names.has(name) || !draft.preset);
    return new Map([...mine, ...fresh]);
  }

  function drawRules() {
    const data = new FormData(get("filter")), text = data.get("q").toLowerCase().trim(), set = data.get("set");
    const usual = PolicyDraft.preset(server.tools, draft.preset || "recommended");
    const wanted = server.tools.filter((tool) => {
      const choice = host.choiceOf(tool) || "default";
      const changed = !PolicyLint.same(usual.get(tool.name) ?? null, draft.settings.get(tool.name) ?? null);
      const named = `${tool.shown} ${tool.title ?? ""} ${tool.level} ${tool.category}`.toLowerCase().includes(text);
      return named && (!set || set === choice || (set === "changed" && changed));
    });
    nodes = new Map(wanted.slice(0, shown).map((tool) => { const at = server.tools.indexOf(tool); return [at, BuilderRule.row(tool, at, host)]; }));
    get("rules").replaceChildren(...nodes.values());
    get("more").hidden = wanted.length <= shown;
    get("filter").querySelector("output").textContent = wanted.length < server.tools.length ? `${wanted.length} of ${server.tools.length}` : "";
  }

  function drawEverywhere(key) {
    const limits = () => draft.outside.all_tools?.limits ?? [], change = (value, redraw = true) => {
      const { all_tools: _, ...rest } = draft.outside;
      draft.outside = value.length ? { ...rest, all_tools: { limits: value } } : rest;
      if (redraw) drawEverywhere(document.activeElement?.dataset.key);
      refresh(redraw);
    };
    get("everywhere").replaceChildren(...limits().map((_, place) => BuilderRule.limit({ tool: null, at: "all", place, limits, parameters: [], pointer: `/all_tools/limits/${place}`, change })));
    if (key) [...get("everywhere").querySelectorAll("[data-key]")].find((one) => one.dataset.key === key)?.focus();
    get("everywhere-add").onclick = () => change([...limits(), { counter: PolicyDraft.counter(draft, "all", "calls"), window: "hour", max: 1000, scope: "grant" }]);
  }

  function draw() {
    get("fallback").value = draft.fallback;
    get("version").value = draft.version;
    get("pin").checked = draft.outside.pin !== undefined;
    drawEverywhere();
    drawRules();
    settle();
  }

  function say(text) {
    get("notice").textContent = text;
    get("notice").hidden = !text;
  }

  // A remark leads to the row it is about, shown even if it was filtered out.
  function go(pointer) {
    const name = pointer.split("/")[2].replaceAll("~1", "/").replaceAll("~0", "~");
    const tool = server.tools.find((one) => one.name === name);
    if (tool) reveal(tool);
    else say(`The rule ${PolicyLint.oneLine(name, 80)} belongs to no tool of this server. Unlist it by opening the policy without it.`);
  }

  function reveal(tool) {
    const at = server.tools.indexOf(tool);
    unfolded.add(tool.name);
    if (nodes.has(at)) BuilderRule.fill(nodes.get(at), tool, at, host);
    else { get("filter").reset(); shown = Math.max(shown, at + 1); drawRules(); settle(); }
    const node = nodes.get(at);
    for (const one of nodes.values()) one.classList.toggle("meant", one === node);
    node.scrollIntoView({ block: "center" });
    (node.querySelector("input:checked") ?? node.querySelector("input") ?? node.querySelector("a")).focus({ preventScroll: true });
  }

  // Everything as the address says.
  async function follow() {
    const mine = turn += 1, address = BuilderAddress.read(location.hash);
    say("");
    get("pick").hidden = Boolean(address.server);
    if (!address.server) { get("bench").hidden = true; server = null; await find(); get("server").focus(); return; }
    let found;
    try {
      found = await load(address.server);
    } catch {
      if (mine !== turn) return;
      [get("pick").hidden, get("bench").hidden] = [false, true];
      await find();
      say("The catalogue has no data for the server in this address. Pick another one.");
      return;
    }
    if (mine !== turn) return;
    [server, slug, shown] = [found, address.server, STEP];
    [opened, unfolded, before, parameters] = [new Set(), new Set(), new Map(), new Map()];
    let trouble = "";
    try {
      draft = await BuilderAddress.draft(address, server.tools);
    } catch (error) {
      if (!(error instanceof BuilderAddress.Broken)) throw error;
      trouble = `The policy in this address cannot be used (${error.message}). What stands here is the recommended one.`;
      draft = PolicyDraft.begun(server.tools, "recommended");
    }
    present();
    say(trouble);
    const meant = server.tools.find((tool) => tool.page === address.tool);
    if (meant) reveal(meant);
    else get("bench-head").focus({ preventScroll: true });
  }

  function present() {
    get("bench").hidden = false;
    get("bench-head").textContent = server.name;
    get("bench-facts").textContent = server.tools.length === 1 ? "1 tool" : `${server.tools.length} tools, riskiest first`;
    get("bench-page").href = `tools/${slug}/index.html`;
    get("filter").reset();
    draw();
  }

  // A new beginning can be taken back with the browser's own button.
  function replace(next) {
    history.pushState(null, "", location.hash);
    draft = next;
    [opened, before] = [new Set(), new Map()];
    say("");
    draw();
  }

  function openText(text) {
    const { value, problems } = PolicyText.read(text);
    const found = value === undefined || problems.length ? problems : PolicyGrammar.problems(value);
    const items = found.slice(0, 20).map((one) => element("li", { className: "error" }, element("b", {}, "Error"), ` ${PolicyLint.oneLine(one.pointer, 120) || "top level"}: ${PolicyLint.oneLine(one.message, 240)}`));
    get("import-problems").replaceChildren(...items);
    if (found.length) return;
    const { draft: next, left } = PolicyDraft.adopted(value);
    replace(next);
    if (left.length) say(`Left out of the opened policy: ${left.slice(0, 5).map((one) => PolicyLint.oneLine(one, 160)).join("; ")}${left.length > 5 ? ` and ${left.length - 5} more` : ""}.`);
  }

  for (const button of document.querySelectorAll("[data-preset]")) button.addEventListener("click", () => replace({ ...PolicyDraft.begun(server.tools, button.dataset.preset), version: draft.version }));
  get("open").addEventListener("click", () => {
    get("import").hidden = !get("import").hidden;
    get("open").setAttribute("aria-expanded", String(!get("import").hidden));
    if (!get("import").hidden) get("file").focus();
  });
  get("file").addEventListener("change", async () => { const [file] = get("file").files; if (file) openText(await file.text()); get("file").value = ""; });
  get("use").addEventListener("click", () => openText(get("pasted").value));
  get("fallback").addEventListener("change", () => { draft.fallback = get("fallback").value; draw(); });
  get("version").addEventListener("change", () => { draft.version = get("version").value; settle(); });
  get("pin").addEventListener("change", () => { pin(get("pin").checked); settle(); });
  const filtered = () => { shown = STEP; drawRules(); settle(); };
  get("filter").elements.q.addEventListener("input", filtered);
  get("filter").elements.set.addEventListener("change", filtered);
  get("filter").addEventListener("submit", (event) => event.preventDefault());
  get("more").addEventListener("click", () => { const from = shown; shown += STEP; drawRules(); settle(); [...nodes.values()][from]?.querySelector("input, a").focus(); });
  get("server").addEventListener("input", find);
  get("server").addEventListener("keydown", (event) => { if (event.key === "Enter") get("servers").querySelector("a")?.click(); });
  get("bench-other").addEventListener("click", (event) => { event.preventDefault(); history.pushState(null, "", location.pathname); follow(); });
  addEventListener("popstate", follow);

  get("builder").hidden = false;
  follow();
}

// One tool's controls: what happens to its calls, and under Custom its conditions, limits and approvals.
"use strict";

const BuilderRule = (() => {
  const { element, menu, operators, first, adapted, field, missing, doubtful, isNumeric } = BuilderValue;
  const { conditionsOf } = PolicyLint;
  const { child } = PolicyText;
  const CHOICES = [["", "Default"], ["allow", "Allow"], ["deny", "Deny"], ["hide", "Hide"], ["approve", "Approve"], ["custom", "Custom"]];
  const KINDS = [["require", "Pass only if"], ["deny_if", "Refuse if"], ["approve_if", "Ask a person if"]];
  const WINDOWS = ["second", "minute", "hour", "day"];
  const OTHER = " other";
  const button = (words, rest, click, data = {}) => element("button", { type: "button", data, onclick: click }, words, element("span", { className: "vh" }, ` ${rest}`));

  // `host`: `{draft, tools, changed(name), setting(name), set(name, setting)}`; rows are made anew when their shape changes.
  function row(tool, at, host) {
    const node = element("li", { className: "rule", data: { tool: at } });
    const title = tool.title && tool.title !== tool.shown ? element("small", {}, tool.title) : null;
    const link = element("a", { href: `tools/${host.slug}/${tool.page}.html` }, element("code", {}, tool.shown));
    node.append(element("div", { className: "who" }, element("span", { className: `lv ${tool.level.toLowerCase()}` }, tool.level), element("span", { className: "named" }, link, title), element("span", { className: `cat ${tool.category.toLowerCase()} bare` }, tool.category)));
    if (tool.rules.recommended === undefined) {
      node.append(element("p", { className: "by" }, "A policy cannot hold this name, so no rule can be set: the default decides."));
      return node;
    }
    const effect = element("p", { className: "effect", id: `effect-${at}` }), detail = element("details", { className: "detail", ontoggle: () => host.unfold(tool, detail.open) });
    node.append(choices(tool, at, host), effect, detail);
    fill(node, tool, at, host);
    return node;
  }

  function choices(tool, at, host) {
    const group = element("fieldset", { className: "choices" }, element("legend", { className: "vh" }, `Calls of ${tool.shown}`));
    for (const [value, words] of CHOICES) {
      const radio = element("input", { type: "radio", name: `choice-${at}`, value, data: { key: `${at} ${value}` }, onchange: () => host.choose(tool, value) });
      radio.setAttribute("aria-describedby", `effect-${at}`);
      group.append(element("label", {}, radio, element("span", {}, words)));
    }
    return group;
  }

  // Bring a row up to what is set; the detail is made anew, with the focus where it was.
  function fill(node, tool, at, host) {
    const key = node.contains(document.activeElement) ? document.activeElement.dataset.key : undefined;
    const setting = host.setting(tool.name), chosen = host.choiceOf(tool);
    for (const radio of node.querySelectorAll(".choices input")) radio.checked = radio.value === chosen;
    say(node, tool, host);
    const detail = node.querySelector(".detail"), told = chosen === "deny" || chosen === "approve";
    detail.hidden = !told && chosen !== "custom";
    detail.open = host.isUnfolded(tool);
    const summary = element("summary", { data: { key: `${at} unfold` } }, told ? "Reason" : "Rule", element("span", { className: "vh" }, ` for ${tool.shown}`));
    const inside = told ? [reason(tool, at, setting, host)] : chosen === "custom" ? custom(tool, at, setting ?? {}, host) : [];
    detail.replaceChildren(summary, element("div", { className: "inside" }, ...inside));
    if (key) [...node.querySelectorAll("[data-key]")].find((one) => one.dataset.key === key)?.focus();
  }

  function say(node, tool, host) {
    node.querySelector(".effect").textContent = host.effect(tool);
  }

  function reason(tool, at, setting, host) {
    const input = element("input", {
      value: setting.reason ?? "", placeholder: "A reason, if the agent should be told one", data: { key: `${at} reason`, pointer: `${child("/tools", tool.name)}/reason` },
      oninput: () => { const { reason: _, ...rest } = host.setting(tool.name); host.set(tool, input.value ? { ...rest, reason: input.value } : rest); },
    });
    return element("label", { className: "line" }, "Told to the agent", input);
  }

  function custom(tool, at, rule, host) {
    const context = { tool, at, host, parameters: host.parametersOf(tool), pointer: child("/tools", tool.name) };
    const change = (key, value, redraw = true) => {
      const { [key]: _, ...rest } = host.setting(tool.name) ?? {};
      const empty = value === undefined || (Array.isArray(value) && !value.length);
      host.set(tool, empty ? rest : { ...rest, [key]: value }, redraw);
    };
    const parts = [];
    for (const [kind, words] of KINDS) {
      (rule[kind] ?? []).forEach((_, place) => parts.push(condition({ ...context, kind, words, place, groups: () => host.setting(tool.name)[kind], change })));
    }
    (rule.limits ?? []).forEach((_, place) => parts.push(limit({ ...context, place, limits: () => host.setting(tool.name).limits, pointer: `${context.pointer}/limits/${place}`, change: (value, redraw) => change("limits", value, redraw) })));
    const ask = element("input", { type: "checkbox", checked: rule.action === "approve", data: { key: `${at} ask` }, onchange: () => change("action", ask.checked ? "approve" : undefined) });
    const adds = KINDS.map(([kind, words]) => button(`${words} …`, `for ${tool.shown}`, () => change(kind, [...(host.setting(tool.name)?.[kind] ?? []), { conditions: [fresh(context)] }]), { key: `${at} add ${kind}` }));
    adds.push(button("Limit …", `for ${tool.shown}`, () => change("limits", [...(host.setting(tool.name)?.limits ?? []), { counter: PolicyDraft.counter(host.draft, tool.name, "rate"), window: "minute", max: 10, scope: "grant" }]), { key: `${at} add limits` }));
    const asked = element("label", { className: "check" }, ask, " Each call waits for a person");
    const why = rule.action ? reason(tool, at, rule, host) : null;
    return [asked, ...(why ? [why] : []), ...parts, element("div", { className: "adds" }, element("span", {}, "Add"), ...adds)];
  }

  const fresh = ({ parameters }) => (parameters.length ? first(parameters[0]) : { path: "args.", op: "exists", value: true });

  // One group: its conditions as fields, or its text where it is more than a list of them. What is typed does not
  // make the row anew, so every change begins from what is set by then.
  function condition(context) {
    const { at, kind, words, place, groups, change } = context, group = groups()[place];
    const how = group.any ? "any" : "all", partsOf = (one) => one.any ?? one.conditions ?? one.all, parts = partsOf(group);
    const pointer = `${context.pointer}/${kind}/${place}`, key = `${at} ${kind} ${place}`;
    const holder = ["any", "conditions", "all"].find((one) => group[one]);
    const put = (next, redraw = true) => change(kind, next ? groups().with(place, next) : groups().filter((_, one) => one !== place), redraw);
    const remove = button("Remove", `${words} ${PolicyWords.group(group)}`, () => put(null), { key: `${key} remove` });
    const box = element("fieldset", { className: `group ${kind}` }, element("legend", {}, words), remove);
    if (PolicyDraft.isNested(group)) {
      box.append(element("p", { className: "by" }, PolicyWords.group(group)), element("p", { className: "by" }, "It nests conditions, which are kept as they are; edit them in the file."));
      return box;
    }
    const keep = (conditions, word = how, redraw = true) => {
      const { any: _any, all: _all, conditions: _conditions, ...rest } = groups()[place];
      put({ [word === "any" ? "any" : "conditions"]: conditions, ...rest }, redraw);
    };
    if (!parts.length) box.append(element("p", { className: "by" }, kind === "require" ? "Always: without conditions it does nothing." : "Always: without conditions it holds for every call."));
    parts.forEach((one, index) => box.append(line({
      ...context, key: `${key} ${index}`, pointer: `${pointer}/${holder}/${index}`, one, joined: index ? (how === "any" ? "or" : "and") : "",
      put: (next, redraw) => keep(partsOf(groups()[place]).with(index, next), how, redraw),
      drop: parts.length > 1 ? () => keep(partsOf(groups()[place]).filter((_, other) => other !== index)) : null,
    })));
    const foot = element("div", { className: "adds" }, button(parts.length ? "Another …" : "Condition …", `condition of: ${words}`, () => keep([...partsOf(groups()[place]), fresh(context)]), { key: `${key} more` }));
    if (parts.length > 1) foot.append(menu("How the conditions are joined", [["all", "all of them"], ["any", "any of them (version 2)"]], how, (word) => keep(partsOf(groups()[place]), word), { key: `${key} how` }));
    const told = element("input", {
      value: group.on_deny ?? "", ariaLabel: `${words}: what the agent is told`, placeholder: "What the agent is told, if anything", data: { key: `${key} text`, pointer: `${pointer}/on_deny` },
      oninput: () => { const { on_deny: _, ...rest } = groups()[place]; put(told.value ? { ...rest, on_deny: told.value } : rest, false); },
    });
    box.append(foot, told);
    return box;
  }

  // Argument, operator, value. What is put while typing goes into the draft without the row being made anew.
  function line({ tool, parameters, key, pointer, one, joined, put, drop, host }) {
    let current = one;
    const argumentOf = (path) => PolicySchema.lookUp(tool.schema ?? {}, path.split(".").slice(1));
    const argument = argumentOf(one.path), known = parameters.some((each) => each.path === one.path), name = `args${one.path.slice(4)}`;
    const box = element("div", { className: "condition", data: { at: pointer } });
    const options = parameters.map((each) => [each.path, `${PolicyLint.oneLine(each.path.slice(5), 48)}${each.required ? " *" : ""}`]);
    const place = menu(`Argument${joined ? `, ${joined}` : ""}`, [...options, [OTHER, "another path"]], known ? one.path : OTHER, (path) => {
      const parameter = parameters.find((each) => each.path === path);
      put(parameter ? first(parameter) : { path: "args.", op: "exists", value: true });
    }, { key: `${key} path`, pointer: `${pointer}/path` });
    const typed = known ? null : element("input", { value: one.path, ariaLabel: "Path of the argument", spellcheck: false, autocomplete: "off", data: { key: `${key} typed`, pointer: `${pointer}/path` }, oninput: () => { current = { ...current, path: typed.value }; put(current, false); check(); } });
    const fitting = operators(argument), ops = fitting.includes(one.op) ? fitting : [one.op, ...fitting];
    const op = menu(`How ${name} is compared`, ops.map((word) => [word, PolicyWords.OPS.get(word) ?? String(word)]), one.op, (word) => put({ ...current, op: word, value: adapted(current, word, argument) }), { key: `${key} op`, pointer: `${pointer}/op` });
    const set = (value) => { current = { ...current, value }; put(current, false); check(); };
    const value = field(one, argument, `Value for ${name}`, { key: `${key} value`, pointer: `${pointer}/value` }, set);
    const note = element("p", { className: "problem" });
    const parameter = parameters.find((each) => each.path === one.path), hint = parameter?.description ? element("p", { className: "by" }, parameter.description) : null;
    const check = () => { note.textContent = missing(current) || doubtful(current, argumentOf(current.path)); note.dataset.own = note.textContent; };
    box.append(...[joined ? element("span", { className: "joined" }, joined) : null, place, op, element("div", { className: "value" }, value), drop ? button("×", `Remove the condition on ${name}`, drop, { key: `${key} drop` }) : null, typed, hint, note].filter(Boolean));
    check();
    return box;
  }

  // How often, how much, or how many at a time.
  function limit({ tool, at, place, limits, pointer, parameters, change }) {
    let current = limits()[place];
    const key = `${at} limit ${place}`, number = `Limit ${place + 1}`;
    const put = (next, redraw = true) => { current = next; change(limits().with(place, next), redraw); };
    const amounts = parameters.filter((each) => isNumeric(each.types)), apart = parameters.filter((each) => !each.types.some((type) => ["array", "object"].includes(type)));
    const kinds = [["calls", "calls"], ["concurrent", "calls at a time"], ...[...new Set([...amounts.map((each) => each.path), current.add].filter(Boolean))].map((path) => [path, `sum of ${PolicyLint.oneLine(path.slice(5), 40)}`])];
    const kind = menu(`${number}: what is counted`, kinds, current.concurrent ? "concurrent" : current.add ?? "calls", (word) => {
      const { window = "day", rolling, add: _add, concurrent: _concurrent, ...rest } = current;
      if (word === "concurrent") put({ ...rest, concurrent: true, max: Math.ceil(rest.max) });
      else put({ ...rest, window, ...(rolling ? { rolling } : {}), ...(word === "calls" ? { max: Math.max(1, Math.floor(rest.max)) || 1 } : { add: word }) });
    }, { key: `${key} kind`, pointer: `${pointer}/add` });
    const most = element("input", { type: "text", inputMode: "decimal", className: "short", value: String(current.max), ariaLabel: `${number}: at most`, data: { key: `${key} max`, pointer: `${pointer}/max` }, oninput: () => { const read = PolicyText.read(most.value.trim()).value; put({ ...current, max: typeof read === "number" ? read : most.value }, false); } });
    const box = element("fieldset", { className: "group limit", data: { at: pointer } }, element("legend", {}, "At most"), button("Remove", number.toLowerCase(), () => change(limits().filter((_, one) => one !== place), true), { key: `${key} remove` }), most, kind);
    if (!current.concurrent) {
      box.append(menu(`${number}: window`, WINDOWS.map((word) => [word, word === "hour" ? "an hour" : `a ${word}`]), current.window, (window) => put({ ...current, window }, false), { key: `${key} window`, pointer: `${pointer}/window` }));
      const rolling = element("input", { type: "checkbox", checked: current.rolling === true, data: { key: `${key} rolling` }, onchange: () => { const { rolling: _, ...rest } = current; put(rolling.checked ? { ...rest, rolling: true } : rest, false); } });
      box.append(element("label", { className: "check" }, rolling, " rolling"));
    }
    const by = (current.by ?? []).join(" ");
    const ways = [["", "together"], ["session", "for each session"], ["tool", "for each tool"], ...apart.map((each) => [each.path, `for each ${PolicyLint.oneLine(each.path.slice(5), 40)}`])];
    if (by && !ways.some(([word]) => word === by)) ways.push([by, `for each ${by}`]);
    box.append(menu(`${number}: counted`, ways, by, (word) => { const { by: _, ...rest } = current; put(word ? { ...rest, by: word.split(" ") } : rest, false); }, { key: `${key} by`, pointer: `${pointer}/by/0` }));
    const counter = element("input", { value: current.counter, ariaLabel: `${number}: name of its counter`, spellcheck: false, autocomplete: "off", data: { key: `${key} counter`, pointer: `${pointer}/counter` }, oninput: () => put({ ...current, counter: counter.value }, false) });
    box.append(element("label", { className: "line" }, "Counter", counter), element("p", { className: "problem" }));
    return box;
  }

  return { row, fill, say, limit };
})();

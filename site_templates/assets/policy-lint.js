// What `catalog policy check` says about a valid policy, alone and against a server's tools: the same words.
// catalog/policy/lint.py, check.py, check_conditions.py and never.py are the measure; a test holds the two together.
"use strict";

const PolicyLint = (() => {
  const { child, isMapping } = PolicyText;
  const GROUPS = ["deny_if", "require", "approve_if"];
  const PARTS = ["require", "deny_if", "approve_if"];
  const HOW = ["all", "any", "not"];
  const MAX_HINTS = 25;
  const NUMERIC = ["number", "integer"], STRING = ["string"];
  const NEEDS = {
    lt: NUMERIC, lte: NUMERIC, gt: NUMERIC, gte: NUMERIC, between: NUMERIC, regex: STRING, starts_with: STRING, ends_with: STRING,
    path_within: STRING, host_in: STRING, contains: ["string", "array"], length_lte: ["string", "array"],
  };
  const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;

  // Server text on one line, with what cannot be seen written out (catalog/visible.py).
  function oneLine(text, width = 0) {
    const visible = Array.from(text, (one) => {
      if (one === "\n" || one === "\t") return " ";
      if (INVISIBLE.test(one)) return `‹U+${one.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}›`;
      return /\p{Zs}/u.test(one) ? " " : one;
    });
    const folded = visible.join("").split(" ").filter(Boolean).join(" "), whole = Array.from(folded);
    return width && whole.length > width ? `${whole.slice(0, width - 1).join("")}…` : folded;
  }

  const rows = (value) => (value instanceof Map ? [...value] : Object.entries(value ?? {}));
  const remark = (severity, pointer, message, hint = "") => ({ severity, pointer, message, hint });
  const list = (value) => value ?? [];
  const same = (one, other) => JSON.stringify(form(one)) === JSON.stringify(form(other));
  const spelt = (path) => oneLine(["args", ...path].join("."), 80);
  const steps = (path) => path.split(".").slice(1);

  function near(name, known) {
    const folded = new Map([...known].map((one) => [one.toLowerCase(), one]));
    const [found] = PolicyNear.closest(name.toLowerCase(), [...folded.keys()]);
    return found === undefined ? "" : `did you mean ${oneLine(folded.get(found), 80)}?`;
  }

  // A value whose text is the same for equal values, whatever the order of the keys.
  function form(value) {
    if (Array.isArray(value)) return value.map(form);
    return isMapping(value) ? Object.keys(value).sort().map((key) => [key, form(value[key])]) : value;
  }

  // A group's conditions: `any` and `not` are one of them, `all` is another word for them.
  function conditionsOf(group) {
    if (group.conditions || group.all) return group.conditions ?? group.all;
    return [group.any ? { any: group.any } : { not: group.not }];
  }

  const isCombined = (part) => HOW.some((how) => Object.hasOwn(part, how));

  // Whether a name fits a pattern; a pattern for a name says whether all that fits it fits the first one too.
  function fits(pattern, tool) {
    if (!pattern.includes("*")) return pattern === tool;
    const pieces = pattern.split("*"), first = pieces[0], last = pieces.at(-1);
    if (tool.length < first.length + last.length || !tool.startsWith(first) || !tool.endsWith(last)) return false;
    let at = first.length;
    for (const piece of pieces.slice(1, -1)) {
      const found = tool.slice(0, tool.length - last.length).indexOf(piece, at);
      if (found < 0) return false;
      at = found + piece.length;
    }
    return true;
  }

  const letters = (pattern) => Array.from(pattern.replaceAll("*", "")).length;

  // Every name or pattern that a tool fits, the one that is meant first.
  function fitting(names, tool, patterns) {
    const starred = names.filter((name) => patterns && name.includes("*") && fits(name, tool));
    starred.sort((one, other) => letters(other) - letters(one) || (one < other ? -1 : 1));
    return [...names.filter((name) => name === tool && !(patterns && name.includes("*"))), ...starred];
  }

  // A policy with the names that are asked for again and again.
  class View {
    constructor(document_) {
      this.document = document_;
      this.patterns = document_.version !== "1";
      this.hide = list(document_.hide);
      this.tools = rows(document_.tools);
      this.rules = new Map(this.tools);
      this.enforced = this.tools.filter(([, rule]) => rule.mode !== "shadow").map(([name]) => name);
      this.hiding = !this.patterns && this.hide.includes("*") ? ["*"] : this.hide;
      this.everywhere = list(document_.all_tools?.limits);
    }

    hides(tool) {
      return fitting(this.hiding, tool, this.patterns || this.hiding[0] === "*").length > 0;
    }

    allFor(tool) {
      return fitting(this.enforced, tool, this.patterns);
    }
  }

  function* alone(view, now) {
    yield* whole(view, now);
    yield* hidden(view);
    yield* literalStars(view);
    yield* precedence(view);
    yield* limits(view);
    for (const [name, rule] of view.tools) {
      const pointer = child("/tools", name);
      if (rule.expires && Date.parse(rule.expires) <= now) yield remark("warning", `${pointer}/expires`, "this rule has expired: every call is denied", "give it a later moment, or leave the tool out");
      yield* dead(pointer, rule);
      for (const part of GROUPS) yield* groups(`${pointer}/${part}`, list(rule[part]));
    }
  }

  function* whole({ document: it }, now) {
    if (it.expires && Date.parse(it.expires) <= now) yield remark("warning", "/expires", "this policy has expired: every call is denied", "give it a later moment");
    if (it.mode === "shadow") yield remark("info", "/mode", "in shadow mode every call passes: nothing is enforced");
    if (it.on_drift && !rows(it.pin).length) yield remark("warning", "/on_drift", "nothing is pinned, so nothing can drift", "add a pin");
  }

  function* hidden(view) {
    const names = [...new Set(view.hide)];
    const patterns = names.filter((name) => name === "*" || (name.includes("*") && view.patterns));
    for (const [at, name] of view.hide.entries()) {
      const pointer = `/hide/${at}`;
      if (view.hide.indexOf(name) !== at) { yield remark("warning", pointer, `${oneLine(name)} is hidden twice`, "leave one out"); continue; }
      for (const other of patterns) {
        if (other !== name && fits(other, name)) yield remark("warning", pointer, `${oneLine(name)} is hidden by "${oneLine(other)}" already`, "leave one out");
      }
    }
    for (const [name] of view.tools) {
      if (names.includes(name) || patterns.some((other) => fits(other, name))) yield remark("warning", child("/tools", name), `${oneLine(name)} is hidden, so its rule never counts`, "leave it out of one of them; hide wins");
    }
  }

  function* literalStars(view) {
    if (view.patterns) return;
    const named = view.hide.map((name, at) => [`/hide/${at}`, name]).filter(([, name]) => name !== "*");
    for (const [pointer, name] of [...named, ...view.tools.map(([one]) => [child("/tools", one), one])]) {
      if (name.includes("*")) yield remark("warning", pointer, "version 1 has no patterns: this means a tool of exactly that name", "write the names out, or use version 2");
    }
  }

  function saysNothing(rule) {
    const empty = [...GROUPS, "limits"].every((part) => !list(rule[part]).length);
    return empty && (rule.action ?? "allow") === "allow" && !rule.reason && rule.mode !== "shadow" && !rule.expires && !rule.results;
  }

  function* precedence(view) {
    for (const [name, rule] of view.tools) {
      if (rule.mode === "shadow" || (name.includes("*") && view.patterns)) continue;
      const wider = view.allFor(name).slice(1), pointer = child("/tools", name);
      if (wider.length && !saysNothing(view.rules.get(wider[0])) && !view.hides(name)) {
        yield remark("info", pointer, `this comes before ${child("/tools", oneLine(wider[0], 80))}, which does not count for it`);
      } else if (!wider.length && saysNothing(rule) && view.document.default === "allow" && !view.hides(name)) {
        yield remark("info", pointer, `${oneLine(name)} is allowed by default anyway`, "leave it out");
      }
    }
  }

  function* dead(pointer, rule) {
    const [cause, kept] = decidesAll(pointer, rule);
    if (!cause) return;
    const hint = cause.includes("/action") ? "leave this out" : "give that group conditions, or leave this out";
    for (const part of [...GROUPS, "limits"]) {
      for (const at of list(rule[part]).keys()) {
        const place = `${pointer}/${part}/${at}`;
        if (place !== kept && !(rule.action === "approve" && part !== "approve_if")) yield remark("warning", place, `this never counts: ${cause}`, hint);
      }
    }
  }

  function decidesAll(pointer, rule) {
    if (rule.action === "deny" || rule.action === "hide") return [`${pointer}/action ${rule.action === "deny" ? "denies" : "hides"} every call`, `${pointer}/action`];
    const at = list(rule.deny_if).findIndex((group) => !conditionsOf(group).length && group.mode !== "shadow");
    if (at >= 0) return [`${pointer}/deny_if/${at} has no conditions, so it denies every call`, `${pointer}/deny_if/${at}`];
    return rule.action === "approve" ? [`${pointer}/action has every call wait for a person`, `${pointer}/action`] : ["", ""];
  }

  function* groups(pointer, all) {
    const requires = pointer.endsWith("/require");
    for (const [at, group] of all.entries()) {
      const place = `${pointer}/${at}`, conditions = conditionsOf(group);
      if (requires && !conditions.length) yield remark("warning", place, "a requirement without conditions always holds: it does nothing", "add conditions or leave it out");
      if (conditions.length && all.slice(0, at).some((other) => same(conditionsOf(other), conditions))) yield remark("warning", place, "the same conditions stand above", "leave one out");
      const never = contradiction(conditions);
      if (never) yield remark("warning", place, `${never}: ${requires ? "it denies every call" : "it never fires, save in doubt"}`, "change or remove one of them");
    }
  }

  // Why conditions that must hold together never can; "" where they can, as far as is seen.
  function contradiction(conditions) {
    const rooms = new Map();
    for (const condition of conditions) {
      if (isCombined(condition)) continue;
      if (!rooms.has(condition.path)) rooms.set(condition.path, { low: null, high: null, lowOpen: false, highOpen: false, among: null, missing: false, present: false, notAmong: [] });
      const room = rooms.get(condition.path);
      narrow(room, condition);
      if (isEmpty(room)) return `no value of ${condition.path} can meet all of these conditions`;
    }
    return "";
  }

  function narrow(room, { op, value }) {
    room.present = room.present || op !== "exists" || value === true;
    room.missing = room.missing || (op === "exists" && !value);
    if (op === "gt" || op === "gte" || op === "between") {
      const low = op === "between" ? value[0] : value, open = op === "gt";
      if (room.low === null || low > room.low || (low === room.low && open && !room.lowOpen)) { room.low = low; room.lowOpen = open; }
    }
    if (op === "lt" || op === "lte" || op === "between") {
      const high = op === "between" ? value[1] : value, open = op === "lt";
      if (room.high === null || high < room.high || (high === room.high && open && !room.highOpen)) { room.high = high; room.highOpen = open; }
    }
    if (op === "eq" || op === "in") {
      const wanted = op === "in" ? value : [value];
      room.among = (room.among ?? wanted).filter((one) => wanted.some((other) => same(one, other)));
    }
    if (op === "neq" || op === "not_in") room.notAmong.push(...(op === "not_in" ? value : [value]));
  }

  function isEmpty(room) {
    if (room.missing && room.present) return true;
    const bounded = room.low !== null && room.high !== null;
    if (bounded && (room.low > room.high || (room.low === room.high && (room.lowOpen || room.highOpen)))) return true;
    if (room.among === null) return false;
    return !room.among.some((one) => isWithin(one, room) && !room.notAmong.some((other) => same(one, other)));
  }

  function isWithin(value, room) {
    if (room.low === null && room.high === null) return true;
    if (typeof value !== "number") return false;
    const above = room.low === null || value > room.low || (value === room.low && !room.lowOpen);
    return above && (room.high === null || value < room.high || (value === room.high && !room.highOpen));
  }

  function* limits(view) {
    const everywhere = view.everywhere.map((limit, at) => [`/all_tools/limits/${at}`, limit]);
    for (const [name, rule] of view.tools) {
      const own = list(rule.limits).map((limit, at) => [`${child("/tools", name)}/limits/${at}`, limit]);
      for (const one of own) {
        const tighter = [...everywhere, ...own].find((other) => other[0] !== one[0] && isTighter(other, one));
        if (tighter) yield remark("warning", one[0], `this limit is never reached: ${tighter[0]} is, at the latest, with it`, "lower it, or leave it out");
      }
    }
  }

  // Whether the first limit, counted as widely or wider, has no more room; of equals the first is.
  function isTighter([place, limit], [otherPlace, wide]) {
    const kind = (one) => `${one.concurrent ? "" : one.window} ${one.add ?? ""}`;
    const rolling = (one) => one.rolling === true;
    if (kind(limit) !== kind(wide) || list(limit.by).length || (rolling(wide) && !rolling(limit))) return false;
    const equal = limit.max === wide.max && !list(wide.by).length && rolling(limit) === rolling(wide);
    return equal ? place < otherPlace : limit.max <= wide.max;
  }

  // Against the tools: names that no tool has, rules that none reaches, pins, conditions, what is not covered.
  function* against(view, tools) {
    const known = new Map(tools.map((tool) => [tool.name, tool]));
    yield* unknown(view, known);
    yield* unreached(view, tools);
    yield* pins(view, known);
    for (const tool of tools) yield* conditions(view, tool);
    yield* uncovered(view, tools);
  }

  function* unknown(view, known) {
    const severity = view.document.default === "allow" ? "error" : "warning";
    const named = view.hide.map((name, at) => [`/hide/${at}`, name]).filter(([, name]) => name !== "*");
    named.push(...view.tools.map(([name]) => [child("/tools", name), name]).filter(([, name]) => name !== "*" || !view.patterns));
    let hints = MAX_HINTS;
    for (const [pointer, name] of named) {
      const pattern = view.patterns && name.includes("*");
      if (pattern && ![...known.keys()].some((tool) => fits(name, tool))) yield remark(severity, pointer, `no tool's name fits ${oneLine(name, 80)}`);
      else if (!pattern && !known.has(name)) {
        hints -= 1;
        yield remark(severity, pointer, `no tool is called ${oneLine(name, 80)}`, hints >= 0 ? near(name, known.keys()) : "");
      }
    }
  }

  function* unreached(view, tools) {
    const all = tools.map((tool) => view.allFor(tool.name));
    const used = new Set(all.map((names) => names[0]));
    for (const name of new Set(all.flat())) {
      if (!used.has(name)) yield remark("warning", child("/tools", name), "this never counts: every tool that fits it has a rule that comes first", "leave it out");
    }
  }

  function* pins(view, known) {
    for (const [name, fingerprint] of rows(view.document.pin)) {
      const tool = known.get(name), place = child("/pin", name);
      if (!tool) yield remark("warning", place, `the pinned tool ${oneLine(name, 80)} does not exist`, near(name, known.keys()));
      else if (tool.fingerprint !== fingerprint) yield remark("warning", place, `${oneLine(name, 80)} is no longer as it was pinned: its fingerprint is ${tool.fingerprint}`, "look at the new definition, then pin that");
    }
  }

  function* conditions(view, tool) {
    const [key] = view.allFor(tool.name);
    if (key !== undefined) {
      const rule = view.rules.get(key), pointer = child("/tools", key);
      for (const part of PARTS) {
        for (const [at, group] of list(rule[part]).entries()) {
          for (const [place, one] of placed(`${pointer}/${part}/${at}`, group)) yield* condition(place, one, tool);
        }
      }
      for (const [at, limit] of list(rule.limits).entries()) yield* counted(`${pointer}/limits/${at}`, limit, tool);
    }
    for (const [at, limit] of view.everywhere.entries()) yield* counted(`/all_tools/limits/${at}`, limit, tool);
  }

  // Each condition inside a group or a combination, with its own pointer.
  function* placed(pointer, part) {
    const how = ["conditions", ...HOW].find((one) => Object.hasOwn(part, one));
    if (how === undefined) yield [pointer, part];
    else if (how === "not") yield* placed(`${pointer}/not`, part.not);
    else for (const [at, inner] of part[how].entries()) yield* placed(`${pointer}/${how}/${at}`, inner);
  }

  function* condition(pointer, { path, op, value }, tool) {
    const argument = PolicySchema.lookUp(tool.schema ?? {}, steps(path)), needed = NEEDS[op];
    if (!argument.declared) { yield* undeclared(`${pointer}/path`, steps(path), argument, tool); return; }
    if (needed && argument.types.length && !needed.some((type) => argument.types.includes(type))) {
      yield remark("error", `${pointer}/op`, `${op} needs a ${[...needed].sort().join(" or ")}, but ${spelt(steps(path))} is ${[...argument.types].sort().join(", ")}`, "use an operator for that type");
    }
    if (!argument.values.length || !["eq", "neq", "in", "not_in"].includes(op)) return;
    const allowed = argument.values.map((one) => oneLine(inPython(one), 40));
    for (const wanted of Array.isArray(value) ? value : [value]) {
      if (argument.values.some((one) => same(one, wanted))) continue;
      const hint = allowed.length > 12 ? near(inPython(wanted), allowed) : `they are ${allowed.join(", ")}`;
      yield remark("warning", `${pointer}/value`, `${oneLine(inPython(wanted), 60)} is none of the values that ${spelt(steps(path))} can have`, hint);
    }
  }

  function inPython(value) {
    if (typeof value === "boolean") return value ? "True" : "False";
    return value === null ? "None" : typeof value === "object" ? JSON.stringify(value) : String(value);
  }

  function* undeclared(pointer, path, argument, tool) {
    if (argument.possible) return;
    const message = `the tool's schema has no ${spelt(path)}`;
    yield remark("error", pointer, pointer.includes("*") ? `${message} (${oneLine(tool.name, 80)})` : message, near(path.at(-1), argument.siblings));
  }

  function* counted(pointer, limit, tool) {
    const paths = list(limit.by).map((word, at) => [`${pointer}/by/${at}`, word]).filter(([, word]) => word.includes("."));
    if (limit.add) paths.push([`${pointer}/add`, limit.add]);
    for (const [place, path] of paths) {
      const argument = PolicySchema.lookUp(tool.schema ?? {}, steps(path));
      if (!argument.declared) yield* undeclared(place, steps(path), argument, tool);
      if (place.endsWith("/add") && argument.types.length && !NUMERIC.some((type) => argument.types.includes(type))) {
        yield remark("error", place, `${spelt(steps(path))} is ${[...argument.types].sort().join(", ")}: only a number can be added up, so every call is denied`, "add up an argument that is a number");
      }
    }
  }

  function* uncovered(view, tools) {
    for (const tool of tools) {
      if (view.allFor(tool.name).length || view.hides(tool.name)) continue;
      const name = oneLine(tool.name, 80), harmless = !tool.doubtful && tool.category === "Read" && tool.level === "Low";
      if (view.document.default === "deny") yield remark("info", "/default", `${name} is not listed: denied by default`);
      else if (harmless) yield remark("info", "/default", `${name} is not listed: allowed by default`);
      else yield remark("warning", "/default", `${name} is not listed: allowed without limit by default (${tool.category}, ${tool.level} risk)`, "list it, hide it, or make the default deny");
    }
  }

  // All that is to be said: `{severity, pointer, line, message, hint}` in the order of the lines.
  // The policy's own tests are not run; that needs the judge of calls, which `catalog policy check` has.
  function findings(document_, tools, now = Date.now()) {
    const { lines } = PolicyText.write(document_), problems = PolicyGrammar.problems(document_);
    const view = problems.length ? null : new View(document_);
    const said = view ? [...alone(view, now), ...(tools.length ? against(view, tools) : [])] : problems.map((one) => remark("error", one.pointer, one.message));
    const once = new Map(said.map((one) => [JSON.stringify(one), { ...one, line: lines.get(one.pointer) ?? (view ? 0 : 1) }]));
    return [...once.values()].sort((one, other) => one.line - other.line || (one.pointer < other.pointer ? -1 : one.pointer > other.pointer ? 1 : 0));
  }

  return { findings, conditionsOf, fits, fitting, oneLine, same };
})();

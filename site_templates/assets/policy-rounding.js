// From a version-2 document to version 1: the same where version 1 can say it, else the stricter thing, said aloud.
"use strict";

const PolicyRounding = (() => {
  const GROUPS = ["deny_if", "require", "approve_if"];
  const HOW = ["all", "any", "not"];
  const NO_PERSON = "This policy cannot ask a person, so every call is denied.";
  const UNSAYABLE = ["expires", "pin", "results"];
  const rows = (value) => (value instanceof Map ? [...value] : Object.entries(value ?? {}));
  const always = (text) => ({ deny_if: [text ? { conditions: [], on_deny: text } : { conditions: [] }] });

  // `{made, rounded: [{tool, why}], barred}`: `barred` has what version 1 can neither say nor say more strictly.
  function toFirst(second, tools) {
    const rounded = [], barred = new Set(UNSAYABLE.filter((key) => second[key] !== undefined));
    const hide = new Set(), rules = new Map(), today = "version 1 has no patterns: the tools of today are named one by one";
    const say = (tool, why) => rounded.push({ tool, why });
    const place = (name, setting) => { if (setting === "hide") hide.add(name); else if (setting && !hide.has(name)) rules.set(name, setting); };
    for (const name of second.hide ?? []) {
      const pattern = name.includes("*") && name !== "*";
      if (pattern) say(name, today);
      for (const one of pattern ? tools.map((tool) => tool.name).filter((tool) => PolicyLint.fits(name, tool)) : [name]) place(one, "hide");
    }
    for (const [name, rule] of rows(second.tools)) {
      for (const key of ["expires", "results"]) if (rule[key] !== undefined) barred.add(key);
      const counts = rule.limits?.length && (rule.action ?? "allow") === "allow" && rule.mode !== "shadow", shared = counts && name.includes("*");
      if (shared) say(name, "its tools cannot share a counter in version 1: they are denied");
      if (name.includes("*")) say(name, today);
      const names = name.includes("*") ? spelt(name, tools, second) : [name];
      for (const one of names) place(one, shared ? always() : firstRule(one, rule, (why) => say(one, why)));
    }
    const starred = [...(second.hide ?? []), ...rows(second.tools).map(([name]) => name)].some((name) => name.includes("*") && name !== "*");
    const open = starred && second.default === "allow";
    if (open) say("", "the default becomes deny, since version 1 cannot speak of tools that a pattern will mean later");
    if (second.mode === "shadow") say("", "version 1 has no shadow mode: the rules are enforced");
    if (second.tests) say("", "the tests are left out");
    const made = { version: "1", default: open ? "deny" : second.default };
    const limits = (second.all_tools?.limits ?? []).map((one) => firstLimit(one, (why) => say("", why)));
    if (limits.includes(null)) barred.add("a limit for all tools together that version 1 cannot count");
    if (hide.size) made.hide = [...hide];
    if (limits.length) made.all_tools = { limits };
    if (rules.size) made.tools = rules;
    return { made, rounded, barred: [...barred] };
  }

  // The tools of this server that a pattern's rule is the one for.
  function spelt(name, tools, second) {
    const enforced = rows(second.tools).filter(([, rule]) => rule.mode !== "shadow").map(([one]) => one);
    return tools.map((tool) => tool.name).filter((tool) => PolicyLint.fitting(enforced, tool, true)[0] === name);
  }

  function firstRule(name, rule, say) {
    if (rule.mode === "shadow") { say("a rule in shadow mode decides nothing: it is left out"); return null; }
    if (rule.action === "hide") return "hide";
    if (rule.action === "deny") return always(rule.reason);
    if (rule.action === "approve") {
      say("every call is denied, since version 1 cannot ask a person");
      return always(rule.reason ? `${rule.reason} ${NO_PERSON}` : NO_PERSON);
    }
    const made = { deny_if: [], require: [], limits: [] };
    for (const key of GROUPS) {
      for (const group of rule[key] ?? []) {
        if (group.mode === "shadow") { say("a condition in shadow mode decides nothing: it is left out"); continue; }
        if (key === "approve_if") say("calls that would wait for a person are denied");
        const found = firstGroups(key, group);
        if (!found) { say(`version 1 cannot say one of its conditions (${words(group)}): every call is denied`); return always(); }
        for (const [part, one] of found) made[part].push(one);
      }
    }
    for (const limit of rule.limits ?? []) {
      const one = firstLimit(limit, say);
      if (!one) return always();
      made.limits.push(one);
    }
    return Object.fromEntries(Object.entries(made).filter(([, parts]) => parts.length));
  }

  // Where a group goes in version 1. Alternatives that deny are groups of their own, and what must not hold
  // changes sides; both say exactly the same, as doubt denies on either side.
  function firstGroups(key, group) {
    const side = key === "require" ? "require" : "deny_if", other = key === "require" ? "deny_if" : "require";
    const text = [group.on_deny, key === "approve_if" && NO_PERSON].filter(Boolean).join(" ");
    const put = (part, conditions) => conditions && [part, text ? { conditions, on_deny: text } : { conditions }];
    let found = [];
    if (group.any) found = side === "require" && group.any.length > 1 ? [null] : group.any.map((one) => put(side, flat([one])));
    else if (group.not) found = [put(other, flat([group.not]))];
    else found = [put(side, flat(group.conditions ?? group.all))];
    return found.includes(null) ? null : found;
  }

  // Conditions without combinations, in the words of version 1; null where there are none for it.
  function flat(parts) {
    const found = [];
    for (const part of parts) {
      const inner = Object.hasOwn(part, "all") ? flat(part.all) : HOW.some((how) => Object.hasOwn(part, how)) ? null : firstConditions(part);
      if (!inner) return null;
      found.push(...inner);
    }
    return found;
  }

  function firstConditions({ path, op, value }) {
    if (PolicyGrammar.FIRST_OPS.includes(op)) return [{ path, op, value }];
    const plain = typeof value === "string" ? value.replace(/[\\^$.|?*+()[\]{}-]/g, "\\$&") : "";
    if (op === "between" && Array.isArray(value)) return [{ path, op: "gte", value: value[0] }, { path, op: "lte", value: value[1] }];
    if (op === "starts_with") return [{ path, op: "regex", value: `^${plain}` }];
    return op === "ends_with" ? [{ path, op: "regex", value: `${plain}$` }] : null;
  }

  function words(group) {
    const found = new Set();
    const look = (part) => {
      const how = ["conditions", ...HOW].find((key) => Object.hasOwn(part, key));
      if (how === undefined) found.add(part.op);
      else { if (how !== "conditions") found.add(how); for (const one of [part[how]].flat()) look(one); }
    };
    look(group);
    return [...found].filter((word) => !PolicyGrammar.FIRST_OPS.includes(word)).join(", ");
  }

  // A limit that lets through no more than the one of version 2; null where none does.
  function firstLimit(limit, say) {
    const { counter, max, scope = "grant" } = limit;
    if (limit.concurrent || limit.add) {
      say(`version 1 cannot count ${limit.add ? "a sum" : "calls at a time"} (${counter}): every call is denied`);
      return null;
    }
    const by = (limit.by ?? []).filter((word) => word !== "grant"), argument = by.find((word) => word.startsWith("args"));
    if (argument) {
      say(`version 1 cannot keep a counter apart by ${argument} (${counter}): every call is denied`);
      return null;
    }
    if (by.length) say(`${counter} is counted for ${by.join(" and ")} together`);
    if (limit.window === "second") say(`${counter} lets ${max} through in a minute instead of a second`);
    const most = limit.rolling ? Math.floor(max / 2) : max;
    if (limit.rolling && most) say(`${counter} lets ${most} through, since two windows side by side must not let more than ${max} through`);
    if (!most) { say(`a rolling window of one call (${counter}) cannot be said: every call is denied`); return null; }
    return { counter, window: limit.window === "second" ? "minute" : limit.window, max: most, scope };
  }

  return { toFirst };
})();

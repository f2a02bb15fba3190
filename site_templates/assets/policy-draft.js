// A policy in the making: what is set for each tool, the presets, and the document of either version.
"use strict";

const PolicyDraft = (() => {
  const { child, isMapping } = PolicyText;
  const { conditionsOf, fits } = PolicyLint;
  const HIDDEN = "hide";
  const GROUPS = ["deny_if", "require", "approve_if"];
  const OUTSIDE = ["all_tools", "mode", "expires", "pin", "on_drift", "results", "tests"];
  const rows = (value) => (value instanceof Map ? [...value] : Object.entries(value ?? {}));

  function byLetter(one, other) {
    const [first, second] = [Array.from(one), Array.from(other)];
    const at = first.findIndex((letter, place) => letter !== second[place]);
    if (at < 0) return first.length - second.length;
    return at >= second.length ? 1 : first[at].codePointAt(0) - second[at].codePointAt(0);
  }

  // What a preset sets for each tool that a policy can name.
  function preset(tools, name) {
    const named = tools.filter((tool) => tool.rules.recommended !== undefined);
    if (name === "none") return new Map();
    const ruleOf = (tool) => (name === "allow" ? {} : tool.rules[name] ?? tool.rules.recommended);
    return new Map(named.map((tool) => [tool.name, ruleOf(tool)]).sort((one, other) => byLetter(one[0], other[0])));
  }

  const PRESETS = ["recommended", "strict", "read-only", "allow", "none"];
  const begun = (tools, name) => ({ preset: name, version: "auto", fallback: "deny", settings: preset(tools, name), outside: {}, ordered: false });

  // allow, deny, hide, approve, custom; "" where the default or a pattern decides.
  function choice(setting) {
    if (setting === undefined) return "";
    if (setting === HIDDEN) return "hide";
    const keys = Object.keys(setting).filter((key) => key !== "reason");
    if (!keys.length) return "allow";
    return keys.length === 1 && keys[0] === "action" ? setting.action : "custom";
  }

  // The pattern that decides about a tool without a rule of its own.
  function pattern(draft, tool) {
    const enforced = [...draft.settings].filter(([, setting]) => setting !== HIDDEN && setting.mode !== "shadow").map(([name]) => name);
    const hiding = [...draft.settings].find(([name, setting]) => setting === HIDDEN && fits(name, tool));
    return hiding ? hiding[0] : PolicyLint.fitting(enforced, tool, true)[0];
  }

  // The document in version 2, which can say everything.
  function whole(draft) {
    const settings = draft.ordered ? [...draft.settings] : [...draft.settings].sort((one, other) => byLetter(one[0], other[0]));
    const tools = new Map(settings.filter(([, setting]) => setting !== HIDDEN));
    const hide = settings.filter(([, setting]) => setting === HIDDEN).map(([name]) => name);
    const made = { version: "2", default: draft.fallback };
    const { mode, expires, all_tools: everywhere, ...later } = draft.outside;
    for (const [key, value] of Object.entries({ mode, expires, hide: hide.length && hide, all_tools: everywhere, tools: tools.size && tools, ...later })) {
      if (value) made[key] = value;
    }
    return made;
  }

  // The words of version 2 in a document that version 1 has no equal for.
  function newWords(made) {
    const found = new Set(["mode", "expires", "pin", "on_drift", "results", "tests"].filter((key) => made[key] !== undefined));
    const limit = (one) => {
      for (const key of ["by", "add", "concurrent", "rolling"]) if (one[key] !== undefined) found.add(key);
      if (one.window === "second") found.add("second");
    };
    const part = (one) => {
      const how = ["all", "any", "not"].find((key) => Object.hasOwn(one, key));
      if (how === undefined) { if (!PolicyGrammar.FIRST_OPS.includes(one.op)) found.add(one.op); return; }
      found.add(how);
      for (const inner of how === "not" ? [one.not] : one[how]) part(inner);
    };
    for (const one of made.all_tools?.limits ?? []) limit(one);
    for (const name of made.hide ?? []) if (name.includes("*") && name !== "*") found.add("patterns");
    for (const [name, rule] of rows(made.tools)) {
      if (name.includes("*")) found.add("patterns");
      for (const key of ["approve_if", "mode", "expires", "results"]) if (rule[key] !== undefined) found.add(key);
      if (rule.action === "approve") found.add("approve");
      for (const key of GROUPS) {
        for (const group of rule[key] ?? []) {
          for (const word of ["any", "not", "id", "mode"]) if (group[word] !== undefined) found.add(word);
          for (const one of conditionsOf(group)) part(one);
        }
      }
      for (const one of rule.limits ?? []) limit(one);
    }
    return [...found];
  }

  // The document as it goes out: in the version that was asked for, or the first one that suffices.
  function outcome(draft, tools) {
    const second = whole(draft), words = newWords(second);
    if (draft.version === "2" || (draft.version === "auto" && words.length)) return { made: second, words, rounded: [], barred: [] };
    const first = PolicyRounding.toFirst(second, tools);
    return first.barred.length ? { made: second, words, rounded: [], barred: first.barred } : { ...first, words };
  }

  // A valid document of either version as a draft; `left` says what of it never counted and is left out.
  function adopted(document_) {
    const left = [], settings = new Map(), isFirst = document_.version === "1";
    const literal = (name) => isFirst && name.includes("*");
    for (const name of document_.hide ?? []) {
      if (literal(name) && name !== "*") left.push(`${name}: version 1 has no patterns, so this hid nothing`);
      else settings.set(name, HIDDEN);
    }
    for (const [name, rule] of rows(document_.tools)) {
      if (settings.has(name)) left.push(`${name} is hidden, so its rule never counted`);
      else if (literal(name)) left.push(`${name}: version 1 has no patterns, so this rule meant no tool`);
      else settings.set(name, simpler(rule));
    }
    const outside = Object.fromEntries(OUTSIDE.filter((key) => document_[key] !== undefined).map((key) => [key, document_[key]]));
    const draft = { preset: "", version: "auto", fallback: document_.default, settings, outside, ordered: true };
    return { draft, left };
  }

  // A refusal of every call in the words of version 1 is what version 2 calls deny.
  function simpler(rule) {
    const [group] = rule.deny_if ?? [];
    const only = Object.keys(rule).join() === "deny_if" && rule.deny_if.length === 1;
    if (!only || group.mode || group.id || conditionsOf(group).length) return rule;
    return group.on_deny ? { action: "deny", reason: group.on_deny } : { action: "deny" };
  }

  // What a draft holds that the page has no field for, in words: it goes out as it came in.
  function unshown(draft, tools) {
    const named = new Set(tools.map((tool) => tool.name)), found = [];
    for (const key of Object.keys(draft.outside)) if (!["all_tools", "pin"].includes(key)) found.push(`“${key}” of the whole policy`);
    for (const [name, rule] of draft.settings) {
      const parts = rule === HIDDEN ? [] : ["mode", "expires", "results"].filter((key) => rule[key] !== undefined).map((key) => `“${key}”`);
      const groups = rule === HIDDEN ? [] : GROUPS.flatMap((key) => rule[key] ?? []);
      if (groups.some(isNested)) parts.push("nested conditions");
      if (groups.some((group) => group.id !== undefined || group.mode !== undefined)) parts.push("“id” or “mode” of conditions");
      if (name.includes("*") || !named.has(name)) found.push(`the rule for ${PolicyLint.oneLine(name, 60)}`);
      else if (parts.length) found.push(`${parts.join(", ")} of ${PolicyLint.oneLine(name, 60)}`);
    }
    return found;
  }

  // Whether a group is more than one list of conditions.
  function isNested(group) {
    const parts = group.any ?? group.conditions ?? group.all;
    return !parts || parts.some((one) => one.path === undefined);
  }

  // A counter's name that nothing in the draft uses yet.
  function counter(draft, name, what) {
    const limits = [...(draft.outside.all_tools?.limits ?? []), ...[...draft.settings.values()].flatMap((one) => one.limits ?? [])];
    const used = new Set(limits.map((limit) => limit.counter)), base = `${name}_${what}`;
    for (let number = 1; ; number += 1) {
      const free = number === 1 ? base : `${base}_${number}`;
      if (!used.has(free)) return free;
    }
  }

  // Whether a rule from an address has the shape that the page can show: only its values may be wrong.
  function isShowable(name, rule) {
    if (rule === HIDDEN) return true;
    if (!isMapping(rule)) return false;
    const made = { version: "2", default: "deny", tools: new Map([[name, rule]]) };
    const place = child("/tools", name), mendable = /\/(value(\/\d+)?|max|counter|path|add)$/;
    return PolicyGrammar.problems(made).every(({ pointer }) => pointer.startsWith(`${place}/`) && mendable.test(pointer)) && hasTexts(rule);
  }

  function hasTexts(value) {
    if (Array.isArray(value)) return value.every(hasTexts);
    if (!isMapping(value)) return true;
    return Object.entries(value).every(([key, one]) => (["path", "counter", "add"].includes(key) ? typeof one === "string" : key === "value" || hasTexts(one)));
  }

  return { HIDDEN, PRESETS, GROUPS, preset, begun, choice, pattern, whole, outcome, adopted, unshown, isNested, counter, isShowable };
})();

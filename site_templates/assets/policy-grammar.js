// Both grammars of a policy, in the words of catalog/policy/grammar.py: what is wrong, each with its pointer.
"use strict";

const PolicyGrammar = (() => {
  const { child, isMapping, quoted } = PolicyText;
  const POLICY_KEYS = {
    1: ["version", "default", "hide", "all_tools", "tools"],
    2: ["version", "default", "mode", "expires", "hide", "all_tools", "tools", "pin", "on_drift", "results", "tests"],
  };
  const RULE_KEYS = {
    1: ["require", "deny_if", "limits"],
    2: ["action", "reason", "deny_if", "require", "approve_if", "limits", "mode", "expires", "results"],
  };
  const LIMIT_KEYS = {
    1: ["counter", "window", "max", "scope"],
    2: ["counter", "window", "max", "scope", "by", "add", "concurrent", "rolling"],
  };
  const WINDOWS = { 1: ["minute", "hour", "day"], 2: ["minute", "hour", "day", "second"] };
  const FIRST_OPS = ["eq", "neq", "in", "not_in", "lt", "lte", "gt", "gte", "regex", "contains", "exists"];
  const OPS = { 1: FIRST_OPS, 2: [...FIRST_OPS, "starts_with", "ends_with", "length_lte", "between", "path_within", "host_in", "type"] };
  const HOW = ["all", "any", "not"];
  const HOLDERS = ["conditions", ...HOW];
  const TYPES = ["string", "number", "integer", "boolean", "array", "object", "null"];
  const VERDICTS = ["allow", "deny", "hide", "approve"];
  const MODES = ["enforce", "shadow"];
  const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)$/;

  const isText = (value) => typeof value === "string";
  const isNumber = (value) => typeof value === "number";
  const isWhole = (value) => Number.isInteger(value) && value >= 0;
  const isRange = (value) => Array.isArray(value) && value.length === 2 && value.every(isNumber) && value[0] <= value[1];
  const list = ["a list", Array.isArray], number = ["a number", isNumber], string = ["a string", isText];
  const OPERANDS = {
    in: list, not_in: list, lt: number, lte: number, gt: number, gte: number, starts_with: string, ends_with: string,
    exists: ["true or false", (value) => typeof value === "boolean"],
    length_lte: ["a whole number", isWhole],
    between: ["a list of two numbers, the lower one first,", isRange],
    type: [`one of ${TYPES.join(", ")}`, (value) => TYPES.includes(value)],
  };
  const PLACES = {
    path_within: [(text) => PolicyPlaces.isFolder(text), "an absolute folder without .. and the like"],
    host_in: [(text) => PolicyPlaces.isHost(text), 'a host such as "example.com", "*.example.com" or "example.com:8443"'],
  };

  const rows = (value) => (value instanceof Map ? [...value] : Object.entries(value));
  const has = (value, key) => (value instanceof Map ? value.has(key) : Object.hasOwn(value, key));

  function shown(value) {
    if (typeof value === "object" && value !== null) return Array.isArray(value) ? "a list" : "an object";
    const text = quoted(value);
    return text.length <= 60 ? text : `${text.slice(0, 60)}…`;
  }

  // Every problem of a document, in no order: `{pointer, message}`.
  function problems(document_) {
    const found = [], counters = new Map(), ids = new Map(), pointers = PolicyText.write(document_).lines;
    const given = isMapping(document_) ? document_.version : undefined;
    const version = given === "2" ? 2 : 1;
    const report = (pointer, message) => found.push({ pointer, message });
    const wrong = (pointer, wanted, value) => report(pointer, `${wanted} was expected, not ${shown(value)}`);
    const each = (pointer, value, element) => {
      if (!Array.isArray(value)) wrong(pointer, "a list", value);
      else value.forEach((one, at) => element(child(pointer, at), one));
    };
    const mapped = (pointer, value, element, what) => {
      if (!isMapping(value)) wrong(pointer, `an object with ${what}`, value);
      else for (const [key, one] of rows(value)) element(child(pointer, key), one, key);
    };
    const text = (pointer, value) => { if (!isText(value)) wrong(pointer, "a string", value); };

    // An object's known members, so that absent ones can be passed over.
    function members(pointer, value, known, required = []) {
      if (!isMapping(value)) { wrong(pointer, "an object", value); return new Map(); }
      for (const [key] of rows(value)) {
        if (known.includes(key)) continue;
        const [near] = PolicyNear.closest(key.toLowerCase(), known);
        report(child(pointer, key), `unknown key ${shown(key)}${near ? `; did you mean ${near}?` : `; known are ${known.join(", ")}`}`);
      }
      for (const key of required) if (!has(value, key)) report(pointer, `the key ${shown(key)} is missing`);
      return new Map(rows(value).filter(([key]) => known.includes(key)));
    }

    function word(pointer, value, words) {
      if (words.includes(value)) return value;
      const [near] = isText(value) ? PolicyNear.closest(value.toLowerCase(), words) : [];
      report(pointer, `one of ${words.join(", ")} was expected, not ${shown(value)}${near ? `; did you mean ${near}?` : ""}`);
      return words[0];
    }

    function positive(pointer, value, whole) {
      if (!(isNumber(value) && value > 0 && (!whole || Number.isInteger(value)))) wrong(pointer, `a ${whole ? "whole " : ""}number above 0`, value);
    }

    function path(pointer, value) {
      text(pointer, value);
      if (!isText(value)) return;
      const [root, ...steps] = value.split(".");
      if (root !== "args" || !steps.length || !steps.every(Boolean)) report(pointer, `a path is "args." and an argument's name, not ${shown(value)}`);
    }

    function pattern(pointer, value) {
      if (!isText(value)) { wrong(pointer, "a pattern in a string", value); return; }
      const why = PolicyPattern.problem(value);
      if (why) report(pointer, `the pattern does not compile under RE2: ${why}`);
    }

    function moment(pointer, value) {
      if (isText(value) && MOMENT.test(value) && isDay(value) && !Number.isNaN(Date.parse(value))) return;
      wrong(pointer, 'a moment with its zone ("2030-01-31T12:00:00Z")', value);
    }

    function toolName(pointer, value) {
      text(pointer, value);
      if (value === "") report(pointer, "a tool's name cannot be empty");
      if (version === 2 && isText(value) && value.includes("**")) report(pointer, "one * stands for any text: leave the other out");
    }

    function operand(pointer, op, value) {
      if (op === "regex") pattern(pointer, value);
      else if (Object.hasOwn(PLACES, op)) {
        const [fits, wanted] = PLACES[op];
        if (!Array.isArray(value) || !value.length) wrong(pointer, `a list for ${op}`, value);
        else value.forEach((one, at) => { if (!isText(one) || !fits(one)) wrong(child(pointer, at), wanted, one); });
      } else if (Object.hasOwn(OPERANDS, op)) {
        const [wanted, fits] = OPERANDS[op];
        if (!fits(value)) wrong(pointer, `${wanted} for ${op}`, value);
      }
    }

    function condition(pointer, value) {
      const known = members(pointer, value, ["path", "op", "value"], ["path", "op", "value"]);
      if (known.has("path")) path(`${pointer}/path`, known.get("path"));
      const op = word(`${pointer}/op`, known.has("op") ? known.get("op") : "eq", OPS[version]);
      if (known.has("op") && known.has("value")) operand(`${pointer}/value`, op, known.get("value"));
    }

    function oneHolder(pointer, value, known) {
      const held = HOLDERS.filter((key) => known.has(key));
      if (isMapping(value) && held.length !== 1) report(pointer, `exactly one of ${HOLDERS.join(", ")} was expected; ${held.length ? `not ${held.join(" and ")} together` : "there is none"}`);
    }

    function combination(pointer, how, value) {
      if (how === "not") { part(pointer, value); return; }
      each(pointer, value, part);
      if (Array.isArray(value) && !value.length) report(pointer, `an empty ${how} says nothing: give it conditions`);
    }

    function part(pointer, value) {
      if (!isMapping(value) || !HOW.some((how) => has(value, how))) { condition(pointer, value); return; }
      const known = members(pointer, value, HOW);
      oneHolder(pointer, value, known);
      const how = HOW.find((one) => known.has(one));
      combination(child(pointer, how), how, known.get(how));
    }

    function group(pointer, value) {
      const known = version === 1
        ? members(pointer, value, ["conditions", "on_deny"], ["conditions"])
        : members(pointer, value, [...HOLDERS, "on_deny", "id", "mode"]);
      if (version === 2) oneHolder(pointer, value, known);
      const holder = HOLDERS.find((key) => known.has(key));
      if (holder === "conditions" || holder === "all") each(child(pointer, holder), known.get(holder), version === 1 ? condition : part);
      else if (holder) combination(child(pointer, holder), holder, known.get(holder));
      if (known.has("on_deny")) text(`${pointer}/on_deny`, known.get("on_deny"));
      if (known.has("mode")) word(`${pointer}/mode`, known.get("mode"), MODES);
      if (known.has("id")) once(`${pointer}/id`, known.get("id"), ids, "id");
    }

    // An id or a counter names one thing in a document.
    function once(pointer, value, used, what) {
      text(pointer, value);
      const name = isText(value) ? value : "";
      if (what === "id" ? value === "" : !name) report(pointer, what === "id" ? "an id cannot be empty" : "a counter needs a name");
      if (used.has(name)) report(pointer, `the ${what} ${shown(name)} is already used at ${used.get(name)}`);
      else used.set(name, pointer);
    }

    function by(pointer, value) {
      text(pointer, value);
      if (isText(value) && value.startsWith("args")) path(pointer, value);
      else if (isText(value) && !["grant", "session", "tool"].includes(value)) report(pointer, `grant, session, tool or a path ("args.currency") was expected, not ${shown(value)}`);
    }

    const flag = (pointer, value) => { if (typeof value !== "boolean") wrong(pointer, "true or false", value); };

    function limit(pointer, value) {
      const concurrent = version === 2 && isMapping(value) && has(value, "concurrent");
      const known = members(pointer, value, LIMIT_KEYS[version], concurrent ? ["counter", "max"] : ["counter", "window", "max"]);
      if (concurrent) {
        if (known.get("concurrent") !== true) wrong(`${pointer}/concurrent`, "true", known.get("concurrent"));
        for (const key of ["window", "add", "rolling"]) if (known.has(key)) report(`${pointer}/${key}`, `${key} has no meaning for a limit of concurrent calls`);
      }
      if (known.has("scope") && known.get("scope") !== "grant") report(`${pointer}/scope`, `the scope must be "grant", not ${shown(known.get("scope"))}`);
      if (known.has("counter")) once(`${pointer}/counter`, known.get("counter"), counters, "counter");
      if (known.has("add")) path(`${pointer}/add`, known.get("add"));
      if (known.has("window")) word(`${pointer}/window`, known.get("window"), WINDOWS[version]);
      if (known.has("max")) positive(`${pointer}/max`, known.get("max"), !known.has("add"));
      if (known.has("by")) each(`${pointer}/by`, known.get("by"), by);
      if (known.has("rolling")) flag(`${pointer}/rolling`, known.get("rolling"));
    }

    function results(pointer, value) {
      const known = members(pointer, value, ["max_bytes", "redact"]);
      if (known.has("max_bytes")) positive(`${pointer}/max_bytes`, known.get("max_bytes"), true);
      if (known.has("redact")) each(`${pointer}/redact`, known.get("redact"), pattern);
    }

    function test(pointer, value) {
      const known = members(pointer, value, ["call", "expect", "rule", "used"], ["call", "expect"]);
      const call = members(`${pointer}/call`, known.get("call") ?? {}, ["tool", "arguments", "at", "grant", "session", "approved"], ["tool"]);
      if (known.has("rule")) {
        text(`${pointer}/rule`, known.get("rule"));
        if (isText(known.get("rule")) && known.get("rule") && !pointers.has(known.get("rule"))) report(`${pointer}/rule`, `the document has nothing at ${shown(known.get("rule"))}`);
      }
      if (known.has("expect")) word(`${pointer}/expect`, known.get("expect"), VERDICTS);
      for (const key of ["tool", "grant", "session"]) if (call.has(key)) text(`${pointer}/call/${key}`, call.get(key));
      if (call.has("at")) moment(`${pointer}/call/at`, call.get("at"));
      if (call.has("approved")) flag(`${pointer}/call/approved`, call.get("approved"));
      if (call.has("arguments")) mapped(`${pointer}/call/arguments`, call.get("arguments"), () => {}, "arguments");
      if (known.has("used")) mapped(`${pointer}/used`, known.get("used"), (place, one) => { if (one !== 0) positive(place, one, false); }, "a number per counter");
    }

    function rule(pointer, value, name) {
      toolName(pointer, name);
      const known = members(pointer, value, RULE_KEYS[version]);
      for (const key of ["require", "deny_if", "approve_if"]) if (known.has(key)) each(`${pointer}/${key}`, known.get(key), group);
      if (known.has("limits")) each(`${pointer}/limits`, known.get("limits"), limit);
      if (known.has("action")) word(`${pointer}/action`, known.get("action"), VERDICTS);
      if (known.has("reason")) text(`${pointer}/reason`, known.get("reason"));
      common(pointer, known);
    }

    function common(pointer, known) {
      if (known.has("mode")) word(`${pointer}/mode`, known.get("mode"), MODES);
      if (known.has("expires")) moment(`${pointer}/expires`, known.get("expires"));
      if (known.has("results")) results(`${pointer}/results`, known.get("results"));
    }

    function fingerprint(pointer, value) {
      text(pointer, value);
      if (isText(value) && !/^[0-9a-f]{64}$/.test(value)) report(pointer, `a fingerprint of 64 hex digits was expected, not ${shown(value)}`);
    }

    const known = members("", document_, POLICY_KEYS[version], ["version", "default"]);
    if (known.has("version") && !["1", "2"].includes(given)) report("/version", `the version must be "1" or "2", not ${shown(given)}`);
    if (known.has("default")) word("/default", known.get("default"), ["deny", "allow"]);
    if (known.has("hide")) each("/hide", known.get("hide"), toolName);
    if (known.has("all_tools")) {
      const everywhere = members("/all_tools", known.get("all_tools"), ["limits"]);
      if (everywhere.has("limits")) each("/all_tools/limits", everywhere.get("limits"), limit);
    }
    if (known.has("tools")) mapped("/tools", known.get("tools"), rule, "a rule per tool");
    if (known.has("pin")) mapped("/pin", known.get("pin"), fingerprint, "a fingerprint per tool");
    if (known.has("on_drift")) word("/on_drift", known.get("on_drift"), ["deny", "approve", "log"]);
    if (known.has("tests")) each("/tests", known.get("tests"), test);
    common("", known);
    return found;
  }

  // Date.parse takes the 31st of February for the 3rd of March.
  function isDay(text) {
    const [year, month, day] = text.slice(0, 10).split("-").map(Number);
    return year > 0 && month > 0 && month < 13 && day > 0 && day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
  }

  return { problems, OPS, RULE_KEYS, FIRST_OPS };
})();

// Rules in words, as the gateway would say them (catalog/policy/wording.py and limits.py).
"use strict";

const PolicyWords = (() => {
  const { conditionsOf, oneLine } = PolicyLint;
  const OPS = new Map([
    ["eq", "is"], ["neq", "is not"], ["in", "is one of"], ["not_in", "is none of"], ["lt", "is below"], ["lte", "is at most"],
    ["gt", "is above"], ["gte", "is at least"], ["regex", "matches"], ["contains", "contains"], ["starts_with", "starts with"],
    ["ends_with", "ends with"], ["length_lte", "has a length of at most"], ["between", "is between"], ["path_within", "is a path within"],
    ["host_in", "is a URL at"], ["type", "is of type"], ["exists", "is"],
  ]);

  const value = (one) => oneLine(JSON.stringify(one) ?? "", 60);

  function condition({ path, op, value: operand }) {
    if (op === "exists") return `${path} is ${operand ? "given" : "not given"}`;
    return `${path} ${OPS.get(op)} ${[operand].flat().map(value).join(op === "between" ? " and " : ", ")}`;
  }

  function part(one) {
    if (one.not) return `not (${part(one.not)})`;
    for (const [how, word] of [["all", " and "], ["any", " or "]]) {
      if (one[how]) return one[how].length > 1 ? `(${one[how].map(part).join(word)})` : one[how].map(part).join(word);
    }
    return condition(one);
  }

  function group(one) {
    return oneLine(conditionsOf(one).map(part).join(" and "), 200);
  }

  function limit(one) {
    const noun = one.add ? `of ${one.add}` : one.max === 1 ? "call" : "calls";
    const often = one.concurrent ? "at a time" : `${one.window === "hour" ? "an" : "a"} ${one.window}`;
    const apart = (one.by ?? []).filter((word) => word !== "grant");
    return `at most ${one.max} ${noun} ${often}${apart.length ? ` for each ${apart.join(" and ")}` : ""}`;
  }

  // One sentence on what a rule does with calls.
  function rule(one) {
    const said = [];
    if (one.action === "deny") return "The agent sees it, and every call is refused.";
    const always = (one.deny_if ?? []).some((each) => !conditionsOf(each).length && each.mode !== "shadow");
    if (always) return "The agent sees it, and every call is refused.";
    if (one.action === "approve") said.push("each call waits for a person");
    for (const each of one.limits ?? []) said.push(limit(each));
    for (const each of one.require ?? []) if (conditionsOf(each).length) said.push(`only if ${group(each)}`);
    for (const each of one.deny_if ?? []) said.push(`refused if ${group(each)}`);
    for (const each of one.approve_if ?? []) said.push(conditionsOf(each).length ? `a person looks at it if ${group(each)}` : "each call waits for a person");
    for (const key of ["expires", "results", "mode"]) if (one[key] !== undefined) said.push(`with ${key}`);
    const text = said.join("; ");
    return text ? `${text[0].toUpperCase()}${text.slice(1)}.` : "Every call passes.";
  }

  return { OPS, rule, group, limit, value };
})();

// The fields for a condition: which operators fit an argument, and how its value is written.
"use strict";

const BuilderValue = (() => {
  const COMMON = ["eq", "neq", "in", "not_in"];
  const FITTING = {
    string: [...COMMON, "regex", "contains", "starts_with", "ends_with", "length_lte", "path_within", "host_in"],
    number: [...COMMON, "lt", "lte", "gt", "gte", "between"],
    boolean: ["eq", "neq"],
    null: ["eq", "neq"],
    array: ["contains", "length_lte"],
    object: [],
  };
  FITTING.integer = FITTING.number;
  const TYPES = ["string", "number", "integer", "boolean", "array", "object", "null"];
  const NUMBERS = ["lt", "lte", "gt", "gte", "length_lte"];
  const LISTS = ["in", "not_in", "path_within", "host_in"];
  const MOST_BOXES = 24;

  function element(tag, properties = {}, ...children) {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(properties)) {
      if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
      else if (key === "data") Object.assign(node.dataset, value);
      else if (key in node && key !== "list") node[key] = value;
      else node.setAttribute(key, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  }

  // A labelled menu; `options` are `[value, words]`.
  function menu(label, options, value, change, data = {}) {
    const select = element("select", { ariaLabel: label, data, onchange: () => change(select.value) });
    select.append(...options.map(([key, words]) => element("option", { value: key }, words)));
    select.value = value;
    return select;
  }

  function operators(argument) {
    const values = argument.values.length ? COMMON : [];
    const types = argument.types.length ? argument.types : TYPES;
    const fitting = values.length ? values : types.flatMap((type) => FITTING[type] ?? []);
    return [...new Set([...fitting, "exists", "type"])];
  }

  // What a fresh condition on an argument begins with.
  function first(parameter) {
    if (parameter.values.length) return { path: parameter.path, op: "in", value: [] };
    if (parameter.types.includes("boolean")) return { path: parameter.path, op: "eq", value: true };
    const numeric = parameter.types.some((type) => FITTING.number === FITTING[type]);
    return { path: parameter.path, op: numeric ? "lte" : operators(parameter)[0], value: "" };
  }

  // The value that an operator begins with, keeping what can be kept.
  function adapted(condition, op, argument) {
    const old = condition.value, single = [old].flat()[0] ?? "";
    if (op === "exists") return typeof old === "boolean" ? old : true;
    if (op === "type") return TYPES.includes(old) ? old : argument.types[0] ?? "string";
    if (op === "between") return Array.isArray(old) && old.length === 2 ? old : [old, ""];
    if (LISTS.includes(op)) return Array.isArray(old) ? old : old === "" || typeof old === "boolean" ? [] : [old];
    if (argument.values.length) return argument.values.includes(single) ? single : argument.values[0];
    if (argument.types.join() === "boolean") return single !== false;
    return typeof single === "boolean" ? "" : single;
  }

  const isNumeric = (types) => types.length > 0 && types.every((type) => FITTING[type] === FITTING.number || type === "null");

  // Text as a value of the argument's type; what does not fit stays text, and the lint says so.
  function parsed(text, types) {
    if (types.length && types.every((type) => type === "string" || type === "null")) return text;
    const read = text.trim() ? PolicyText.read(text.trim()) : { problems: [], value: undefined };
    if (read.value === undefined || read.problems.length || PolicyText.isMapping(read.value) || Array.isArray(read.value)) return text;
    return isNumeric(types) && typeof read.value !== "number" ? text : read.value;
  }

  function written(value, types) {
    if (typeof value === "string") return parsed(value, types) === value ? value : JSON.stringify(value);
    return JSON.stringify(value) ?? "";
  }

  // The field for a condition's value; `change` gets the new value.
  function field(condition, argument, label, data, change) {
    const { op, value } = condition, types = NUMBERS.includes(op) || op === "between" ? ["number"] : ["path_within", "host_in", "regex", "starts_with", "ends_with"].includes(op) ? ["string"] : op === "contains" && argument.types.includes("array") ? [] : argument.types;
    const text = (given, set, suffix = "") => element("input", {
      value: written(given, types), ariaLabel: label + suffix, autocomplete: "off", spellcheck: false, inputMode: isNumeric(types) ? "decimal" : "text",
      data: { ...data, part: suffix }, oninput: (event) => set(parsed(event.target.value, types)),
    });
    const chosen = (options) => menu(label, options.map((one, at) => [String(at), typeof one === "string" ? PolicyLint.oneLine(one, 60) : JSON.stringify(one)]), String(options.findIndex((one) => PolicyLint.same(one, value))), (at) => change(options[at]), data);
    if (op === "exists") return menu(label, [["true", "given"], ["false", "not given"]], String(value), (word) => change(word === "true"), data);
    if (op === "type") return chosen(TYPES);
    if (op === "between") {
      const pair = Array.isArray(value) ? [...value] : ["", ""];
      const set = (at) => (one) => { pair[at] = one; change([...pair]); };
      return element("span", { className: "pair" }, text(pair[0] ?? "", set(0), ", from"), element("span", {}, "and"), text(pair[1] ?? "", set(1), ", to"));
    }
    if (LISTS.includes(op)) return several(Array.isArray(value) ? value : [value], { op, argument, label, data, types }, change);
    if (["eq", "neq"].includes(op) && argument.values.length) return chosen(PolicyLint.same(argument.values.filter((one) => PolicyLint.same(one, value)), []) ? [value, ...argument.values] : argument.values);
    if (["eq", "neq"].includes(op) && argument.types.join() === "boolean") return chosen([true, false]);
    return text(value, change);
  }

  // Boxes for the values that a schema lists, a line each for any others.
  function several(values, { op, argument, label, data, types }, change) {
    const listed = ["in", "not_in"].includes(op) && argument.values.length && argument.values.length <= MOST_BOXES;
    if (!listed) {
      const area = element("textarea", {
        value: values.map((one) => written(one, types)).join("\n"), rows: Math.min(6, Math.max(2, values.length)), ariaLabel: `${label}, one on each line`, spellcheck: false, data,
        placeholder: { path_within: "/srv/data", host_in: "example.com\n*.example.com" }[op] ?? "one on each line",
        oninput: () => change(area.value.split("\n").filter((line) => line.trim()).map((line) => parsed(line.trim(), types))),
      });
      return area;
    }
    const chosen = new Set(values.map((one) => JSON.stringify(one)));
    const all = [...argument.values, ...values.filter((one) => !argument.values.some((other) => PolicyLint.same(one, other)))];
    const boxes = all.map((one) => {
      const key = JSON.stringify(one);
      const box = element("input", {
        type: "checkbox", checked: chosen.has(key), data: { ...data, part: key },
        onchange: () => { if (box.checked) chosen.add(key); else chosen.delete(key); change(all.filter((each) => chosen.has(JSON.stringify(each)))); },
      });
      return element("label", {}, box, " ", typeof one === "string" ? PolicyLint.oneLine(one, 60) : key);
    });
    return element("fieldset", { className: "boxes" }, element("legend", { className: "vh" }, label), ...boxes);
  }

  // Why a condition is not finished; "" where it is.
  function missing({ path, op, value }) {
    if (!path.slice("args.".length)) return "name an argument";
    if (["in", "not_in", "path_within", "host_in"].includes(op) && !value.length) return "choose or write at least one value";
    return value === "" ? "write a value" : "";
  }

  // What is doubtful about a value beyond what the lint says: it is of a type that never comes.
  function doubtful({ op, value }, argument) {
    if (!["eq", "neq", "in", "not_in"].includes(op) || !argument.types.length || argument.values.length) return "";
    const kind = (one) => (one === null ? "null" : Array.isArray(one) ? "array" : typeof one);
    const fits = (one) => argument.types.some((type) => type === kind(one) || (FITTING[type] === FITTING.number && kind(one) === "number" && (type === "number" || Number.isInteger(one))));
    const wrong = [value].flat().find((one) => !fits(one));
    return wrong === undefined ? "" : `${PolicyWords.value(wrong)} is no ${argument.types.join(" or ")}, so it never matches`;
  }

  return { element, menu, operators, first, adapted, field, missing, doubtful, isNumeric };
})();

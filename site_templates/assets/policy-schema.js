// What a tool's schema says about one argument: the browser's twin of catalog/policy/arguments.py.
"use strict";

const PolicySchema = (() => {
  const MAX_BRANCHES = 200;
  const COMBINING = ["allOf", "anyOf", "oneOf", "$ref"];
  const SAYING = [...COMBINING, "additionalProperties", "properties", "items"];
  const MAX_DEPTH = 3, MAX_OFFERED = 200;

  const isMapping = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const member = (part, key) => (isMapping(part) && Object.hasOwn(part, key) ? part[key] : undefined);
  const mapping = (part, key) => (isMapping(member(part, key)) ? part[key] : {});
  const unescaped = (step) => step.replaceAll("~1", "/").replaceAll("~0", "~");

  // Follow a path; `values` and `types` are empty where the schema does not limit them.
  function lookUp(schema, path) {
    let here = spread(schema, schema);
    for (const step of path) {
      const following = here.flatMap((part) => stepped(part, step));
      if (!following.length) {
        const siblings = [...new Set(here.flatMap((part) => Object.keys(mapping(part, "properties"))))];
        return { declared: false, possible: here.some(isOpen), types: [], values: [], siblings, parts: [] };
      }
      here = following.flatMap((found) => spread(schema, found));
    }
    const types = [...new Set(here.flatMap(typesOf))];
    return { declared: true, possible: true, types, values: enumerated(here), siblings: [], parts: here };
  }

  // The schema itself and all that it refers to or combines, each once.
  function spread(root, schema) {
    const waiting = [schema], found = [], seen = new Set();
    while (waiting.length && found.length < MAX_BRANCHES) {
      const part = waiting.shift();
      if (!isMapping(part) || seen.has(part)) continue;
      seen.add(part);
      found.push(part);
      for (const key of ["allOf", "anyOf", "oneOf"]) if (Array.isArray(member(part, key))) waiting.push(...part[key]);
      waiting.push(member(part, "then"), member(part, "else"), referred(root, member(part, "$ref")));
    }
    return found;
  }

  function referred(root, reference) {
    if (typeof reference !== "string" || !reference.startsWith("#/")) return undefined;
    return reference.slice(2).split("/").reduce((value, step) => member(value, unescaped(step)), root);
  }

  function stepped(part, step) {
    const properties = mapping(part, "properties");
    if (Object.hasOwn(properties, step)) return [properties[step]];
    if (isMapping(member(part, "items")) && /^\d+$/.test(step)) return [part.items];
    return isMapping(member(part, "additionalProperties")) ? [part.additionalProperties] : [];
  }

  function isOpen(part) {
    const types = typesOf(part), reference = member(part, "$ref");
    const outside = typeof reference === "string" && !reference.startsWith("#/");
    const mayBeObject = !types.length || types.includes("object");
    const saysNothing = !SAYING.some((key) => Object.hasOwn(part, key));
    return outside || (mayBeObject && saysNothing) || Object.hasOwn(part, "patternProperties") || member(part, "additionalProperties") === true;
  }

  function typesOf(part) {
    const kind = member(part, "type");
    return (Array.isArray(kind) ? kind : [kind]).filter((one) => typeof one === "string");
  }

  function enumerated(parts) {
    const leaves = parts.filter((part) => !COMBINING.some((key) => Object.hasOwn(part, key)));
    const isNull = (part) => typesOf(part).join() === "null";
    if (!leaves.every((part) => valuesOf(part).length || isNull(part))) return [];
    return leaves.flatMap((part) => (valuesOf(part).length ? valuesOf(part) : [null]));
  }

  function valuesOf(part) {
    if (Object.hasOwn(part, "const")) return [part.const];
    return Array.isArray(member(part, "enum")) ? part.enum : [];
  }

  // The arguments that can be offered: `{path, types, values, required, description}`, outer ones first.
  // A name with a dot in it cannot be written in a path.
  function parameters(schema) {
    const found = [];
    const walk = (path, depth) => {
      const here = lookUp(schema, path), inner = [];
      const required = new Set(here.parts.flatMap((part) => (Array.isArray(member(part, "required")) ? part.required : [])));
      const names = [...new Set(here.parts.flatMap((part) => Object.keys(mapping(part, "properties"))))];
      for (const name of names) {
        if (!name || name.includes(".") || found.length >= MAX_OFFERED) continue;
        const steps = [...path, name], { types, values, parts } = lookUp(schema, steps);
        const description = parts.map((part) => member(part, "description")).find((text) => typeof text === "string") || "";
        found.push({ path: `args.${steps.join(".")}`, types, values, description, required: !path.length && required.has(name) });
        inner.push(steps);
      }
      if (depth > 1) for (const steps of inner) walk(steps, depth - 1);
    };
    walk([], MAX_DEPTH);
    return found;
  }

  return { lookUp, parameters };
})();

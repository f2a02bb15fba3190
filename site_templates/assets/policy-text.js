// Policies as text: a strict reader and a writer that knows the line of each value (catalog/policy/source.py).
"use strict";

const PolicyText = (() => {
  const MAX_SIZE = 16 * 2 ** 20, MAX_DEPTH = 32, MAX_NUMBER = 400;
  const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
  const STRING = /"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
  const SPACE = /[ \t\n\r]*/y;
  const WORD = /[A-Za-z]+/y;
  const LITERALS = new Map([["true", true], ["false", false], ["null", null]]);

  class Unreadable extends Error {}

  const child = (pointer, step) => `${pointer}/${String(step).replaceAll("~", "~0").replaceAll("/", "~1")}`;
  const isMapping = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  const quoted = (text) => JSON.stringify(text).replace(/[^\x20-\x7e]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`);

  // `{value, problems: [{pointer, line, message}]}`; the value is undefined where the text is no JSON.
  // Objects have no prototype, so that a key such as __proto__ is a key and nothing more.
  function read(text) {
    const problems = [];
    let at = 0;
    const near = () => (peek() ? quoted(text.slice(at, at + 20)) : "the end of the document");
    const line = () => text.slice(0, at).split("\n").length;
    const report = (pointer, message) => problems.push({ pointer, line: line(), message });
    const fail = (pointer, message) => { report(pointer, message); throw new Unreadable(message); };

    function match(pattern) {
      pattern.lastIndex = at;
      return pattern.exec(text);
    }

    function peek() {
      at += match(SPACE)[0].length;
      return text.charAt(at);
    }

    function took(character) {
      const found = peek() === character;
      at += found ? 1 : 0;
      return found;
    }

    function expect(pointer, character) {
      if (!took(character)) fail(pointer, `'${character}' was expected, not ${near()}`);
    }

    function value(pointer, depth) {
      const first = peek();
      if (depth > MAX_DEPTH) fail(pointer, `nested deeper than ${MAX_DEPTH}`);
      if (first === "{") return object(pointer, depth);
      if (first === "[") return array(pointer, depth);
      if (first === '"') return string(pointer);
      return first && "-0123456789".includes(first) ? number(pointer) : literal(pointer);
    }

    function object(pointer, depth) {
      const members = Object.create(null);
      at += 1;
      if (took("}")) return members;
      for (;;) {
        if (peek() !== '"') fail(pointer, `a key in double quotes was expected, not ${near()}`);
        const key = string(pointer);
        expect(pointer, ":");
        if (key in members) report(child(pointer, key), `the key ${quoted(key)} stands here twice`);
        members[key] = value(child(pointer, key), depth + 1);
        if (took(",")) continue;
        expect(pointer, "}");
        return members;
      }
    }

    function array(pointer, depth) {
      const elements = [];
      at += 1;
      if (took("]")) return elements;
      for (;;) {
        elements.push(value(child(pointer, elements.length), depth + 1));
        if (took(",")) continue;
        expect(pointer, "]");
        return elements;
      }
    }

    function string(pointer) {
      const found = match(STRING);
      if (!found) fail(pointer, "a string that does not end on its line, or holds a wrong escape or a control character");
      const text_ = JSON.parse(found[0]);
      if (!text_.isWellFormed()) report(pointer, "a lone surrogate (\\ud800 to \\udfff) is no character");
      at += found[0].length;
      return text_;
    }

    function number(pointer) {
      const found = match(NUMBER);
      if (!found) fail(pointer, `not a JSON number: ${near()}`);
      const token = found[0], read_ = Number(token);
      if (token.length > MAX_NUMBER || !Number.isFinite(read_)) report(pointer, `the number ${token.slice(0, 20)} is too large`);
      else if (!isKept(token, read_)) report(pointer, `a browser cannot keep the number ${token.slice(0, 40)} as it is written`);
      at += token.length;
      return read_;
    }

    function literal(pointer) {
      const found = match(WORD);
      if (!found || !LITERALS.has(found[0])) fail(pointer, `a value was expected, not ${near()}`);
      at += found[0].length;
      return LITERALS.get(found[0]);
    }

    if (text.length > MAX_SIZE) return { value: undefined, problems: [{ pointer: "", line: 1, message: `the document is larger than ${MAX_SIZE / 2 ** 20} MiB` }] };
    try {
      if (text.startsWith("\ufeff")) fail("", "the document starts with a byte order mark: save it as UTF-8 without one");
      const whole = value("", 0);
      if (peek()) fail("", `there is text after the end of the document: ${near()}`);
      return { value: whole, problems };
    } catch (error) {
      if (error instanceof Unreadable) return { value: undefined, problems };
      throw error;
    }
  }

  // Whether the number that a browser makes of a token is the one that was written: 0.10 is, 9007199254740993 is not.
  function isKept(token, number) {
    return canonical(token) === canonical(String(number));
  }

  // `[sign, digits, exponent]` without zeros that mean nothing.
  function canonical(token) {
    const [, sign, whole, part = "", power = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token);
    const digits = (whole + part).replace(/^0+/, ""), bare = digits.replace(/0+$/, "");
    return bare ? `${sign}${bare}e${Number(power) - part.length + digits.length - bare.length}` : "0";
  }

  // Text in ASCII as `catalog policy export` writes it, and the line of each pointer.
  function write(document_) {
    const lines = new Map();
    let line = 1;
    const render = (value, pointer, margin) => {
      if (!lines.has(pointer)) lines.set(pointer, line);
      const list = Array.isArray(value);
      if (!list && !isMapping(value)) return quoted(value);
      const rows = list ? value.map((one, at) => [at, one]) : value instanceof Map ? [...value] : Object.entries(value);
      if (!rows.length) return list ? "[]" : "{}";
      const inner = `${margin}  `;
      const parts = rows.map(([key, one]) => {
        line += 1;
        return inner + (list ? "" : `${quoted(key)}: `) + render(one, child(pointer, key), inner);
      });
      line += 1;
      return `${list ? "[" : "{"}${parts.join(",")}${margin}${list ? "]" : "}"}`;
    };
    const text = render(document_, "", "\n");
    return { text: `${text}\n`, lines };
  }

  return { read, write, child, isMapping, quoted };
})();

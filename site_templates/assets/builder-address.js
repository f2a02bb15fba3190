// The state of the builder in the address: the server, the preset, and what was changed, packed small.
"use strict";

const BuilderAddress = (() => {
  const MAX_PACKED = 400_000, MAX_TEXT = 2_000_000; // characters; an address may be anybody's
  const SLUG = /^[a-z0-9_-]{1,100}$/;
  const isPlain = (value) => PolicyText.isMapping(value);

  class Broken extends Error {}

  // What stands in the address: `{server, tool, preset, packed}`.
  function read(hash) {
    const given = new URLSearchParams(hash.slice(1)), server = given.get("server") ?? "";
    return { server: SLUG.test(server) ? server : "", tool: given.get("tool") ?? "", preset: given.get("preset") ?? "", packed: given.get("state") ?? "" };
  }

  async function write(server, draft, tools) {
    const given = new URLSearchParams({ server });
    if (draft.preset && draft.preset !== "recommended") given.set("preset", draft.preset);
    const state = changes(draft, tools);
    if (Object.keys(state).length) given.set("state", await pack(PolicyText.write(state).text.replace(/\n */g, "")));
    return `#${given}`;
  }

  // What is other than the preset makes it, in one letter a key: version, default, tools, outside.
  function changes(draft, tools) {
    const usual = draft.preset ? PolicyDraft.preset(tools, draft.preset) : new Map();
    const names = new Set([...draft.settings.keys(), ...usual.keys()]);
    const other = [...names].filter((name) => !usual.has(name) || !draft.settings.has(name) || !PolicyLint.same(usual.get(name), draft.settings.get(name)));
    const state = {};
    if (draft.version !== "auto") state.v = draft.version;
    if (draft.fallback !== "deny") state.d = draft.fallback;
    if (!draft.preset) state.p = 0;
    if (other.length) state.t = other.map((name) => [name, draft.settings.get(name) ?? null]);
    if (Object.keys(draft.outside).length) state.o = draft.outside;
    return state;
  }

  // The draft that an address tells of.
  //
  // Throws Broken where it tells of none.
  async function draft(address, tools) {
    const preset = PolicyDraft.PRESETS.includes(address.preset) ? address.preset : "recommended";
    if (!address.packed) return PolicyDraft.begun(tools, preset);
    const { value, problems } = PolicyText.read(await unpack(address.packed));
    if (problems.length || !isPlain(value)) throw new Broken("it holds no state");
    const made = PolicyDraft.begun(tools, preset);
    if (value.p === 0) Object.assign(made, { preset: "", settings: new Map(), ordered: true });
    if (["1", "2"].includes(value.v)) made.version = value.v;
    if (value.d === "allow") made.fallback = "allow";
    if (!Array.isArray(value.t ?? []) || !isPlain(value.o ?? {})) throw new Broken("a rule in it cannot be read");
    for (const one of value.t ?? []) change(made.settings, one);
    made.outside = outside(value.o ?? {});
    return made;
  }

  function change(settings, one) {
    const [name, setting] = Array.isArray(one) ? one : [];
    if (typeof name !== "string" || !(setting === null || PolicyDraft.isShowable(name, setting))) throw new Broken("a rule in it cannot be read");
    if (setting === null) settings.delete(name);
    else settings.set(name, setting);
  }

  function outside(value) {
    const pin = isPlain(value.pin) ? { pin: new Map(Object.entries(value.pin)) } : {};
    const made = { ...value, ...pin };
    const mendable = /^\/all_tools\/limits\/\d+\/(max|counter|add)$|^\/tests\/\d+\/rule$/;
    const wrong = PolicyGrammar.problems({ version: "2", default: "deny", ...made }).find(({ pointer }) => !mendable.test(pointer));
    const texts = (made.all_tools?.limits ?? []).every((limit) => ["counter", "add"].every((key) => ["string", "undefined"].includes(typeof limit[key])));
    if (wrong || !texts || made.hide || made.tools) throw new Broken("what it says of the whole policy cannot be read");
    return made;
  }

  // Compressed where the browser can, in the letters that an address takes as they are.
  async function pack(text) {
    const bytes = new TextEncoder().encode(text);
    if (!self.CompressionStream) return `j${letters(bytes)}`;
    const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw"));
    return `z${letters(new Uint8Array(await new Response(stream).arrayBuffer()))}`;
  }

  async function unpack(packed) {
    if (packed.length > MAX_PACKED || !/^[jz][A-Za-z0-9_-]*$/.test(packed)) throw new Broken("it is too long or damaged");
    try {
      const bytes = Uint8Array.from(atob(packed.slice(1).replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
      return packed[0] === "j" ? new TextDecoder("utf-8", { fatal: true }).decode(bytes) : await inflated(bytes);
    } catch (error) {
      throw error instanceof Broken ? error : new Broken("it is damaged");
    }
  }

  // A few bytes can stand for gigabytes, so it is stopped at a bound.
  async function inflated(bytes) {
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")).pipeThrough(new TextDecoderStream("utf-8", { fatal: true })).getReader();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return text;
      text += value;
      if (text.length > MAX_TEXT) { await reader.cancel(); throw new Broken("it is too long"); }
    }
  }

  function letters(bytes) {
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  }

  return { Broken, read, write, draft };
})();

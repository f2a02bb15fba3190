// What a value in a policy may be: patterns, folders, hosts; and the known name that a misspelt one is nearest to.
"use strict";

// The part of RE2 that a browser's own patterns do not share (catalog/policy/conditions.py compiles with RE2).
const PolicyPattern = (() => {
  const UNKNOWN = [
    [/^\(\?(?:<?[=!])/, "it looks ahead or behind"],
    [/^\(\?>/, "it has an atomic group"],
    [/^\\[1-9]|^\\k/, "it refers back to a group"],
    [/^\\(?![\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]|[AzbBdDsSwWpPQEafnrtvxC0])/, "it has an unknown escape"],
  ];
  // What RE2 has and a browser writes otherwise, each with something that stands for it.
  const OWN = [
    [/^\\Q[^]*?(?:\\E|$)/, "a"], [/^\\[pP](?:\{\^?\w+\}|[A-Z])/, "\\d"], [/^\\x\{[0-9a-fA-F]{1,6}\}/, "a"], [/^\\[Az]/, "(?:)"],
    [/^\[:\^?\w+:\]/, "\\d"], [/^\(\?P</, "(?<"], [/^\(\?[imsU-]+\)/, "(?:)"], [/^\(\?[imsU-]+:/, "(?:"],
    [/^\\[^]/, null],
  ];

  // Why RE2 would refuse a pattern; "" where it would not, as far as can be told here.
  function problem(text) {
    if (!text.isWellFormed()) return "it holds half a character";
    let plain = "", at = 0, inClass = false;
    while (at < text.length) {
      const rest = text.slice(at, at + 400);
      const unknown = UNKNOWN.find(([pattern]) => pattern.test(rest) && !(inClass && rest[0] === "("));
      if (unknown) return unknown[1];
      const own = OWN.find(([pattern]) => pattern.test(rest) && !(inClass && rest[0] === "("));
      const opens = !inClass && /^\[\^?\]?/.exec(rest);
      const found = own ? own[0].exec(rest)[0] : opens ? opens[0] : rest[0];
      plain += own && own[1] !== null ? own[1] : opens ? found.replace("]", "\\]") : found;
      inClass = opens ? true : inClass && found !== "]";
      at += found.length;
    }
    const repeats = [...plain.matchAll(/\{(\d+)(?:,(\d*))?\}/g)].flatMap((one) => [one[1], one[2] || "0"]);
    if (repeats.some((count) => Number(count) > 1000)) return "it repeats more than 1000 times";
    try {
      RegExp(plain);
      return "";
    } catch (error) {
      return error.message.replace(/^Invalid regular expression: /, "");
    }
  }

  return { problem };
})();

// Folders and hosts that a policy may name (catalog/policy/paths.py and hosts.py).
const PolicyPlaces = (() => {
  const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}]/u;
  const DEVICE = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?:\..*)?$/;
  const NAME = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;
  const OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  const ADDRESS = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
  const isAscii = (text) => !/[^\x00-\x7f]/.test(text);

  function isFolder(text) {
    if (/[%$\x00-\x1f\x7f]/.test(text) || !isPlain(text)) return false;
    if (/^[A-Za-z]:[\\/]/.test(text)) {
      const segments = segmentsOf(text.slice(3).replaceAll("\\", "/"));
      return segments !== null && segments.every((one) => !/~[0-9]/.test(one) && !one.includes(":") && !DEVICE.test(one.toLowerCase()));
    }
    if (!text.startsWith("/") || text.startsWith("//") || text.includes("\\")) return false;
    const segments = segmentsOf(text);
    return segments !== null && segments[0] !== "proc" && segments[0] !== "dev";
  }

  function isPlain(text) {
    if (isAscii(text)) return true;
    const plain = text.normalize("NFKC"), count = (whole, mark) => whole.split(mark).length;
    return !UNSEEN.test(text) && [..."/\\.:%~$"].every((mark) => count(plain, mark) === count(text, mark));
  }

  function segmentsOf(text) {
    const segments = text.split("/").filter((one) => one !== "" && one !== ".");
    return segments.some((one) => ". ".includes(one.at(-1)) || "~ ".includes(one[0])) ? null : segments;
  }

  function isHost(text) {
    const found = /^(\[[^\]]*\]|[^[\]:]+)(?::([0-9]{1,5}))?$/.exec(text.startsWith("*.") ? text.slice(2) : text);
    if (!found || (found[2] && !(Number(found[2]) > 0 && Number(found[2]) < 65536))) return false;
    if (found[1].startsWith("[")) return /^\[[0-9a-fA-F:.]+\]$/.test(found[1]) && URL.canParse(`http://${found[1]}/`);
    const host = (isAscii(found[1]) ? found[1].toLowerCase() : ascii(found[1])).replace(/\.$/, "");
    if (!host || host.length > 253 || !NAME.test(host)) return false;
    return /^(?:[0-9]+|0x[0-9a-f]*)$/.test(host.split(".").at(-1)) ? ADDRESS.test(host) : true;
  }

  function ascii(name) {
    if (/[ßς\u200c\u200d\u3002\uff0e\uff61]/.test(name)) return "";
    try {
      return new URL(`http://${name}/`).hostname;
    } catch {
      return "";
    }
  }

  return { isFolder, isHost };
})();

// The nearest of some words, as Python's difflib finds it (catalog/policy/near.py).
const PolicyNear = (() => {
  const CUTOFF = 0.6;

  function closest(word, words) {
    const scored = words.map((one) => [ratio(one, word), one]).filter(([score]) => score >= CUTOFF);
    scored.sort((one, other) => other[0] - one[0] || (one[1] < other[1] ? 1 : -1));
    return scored.slice(0, 1).map(([, one]) => one);
  }

  function ratio(one, other) {
    const total = one.length + other.length;
    return total ? (2 * matched(one, other)) / total : 1;
  }

  // Characters in common: those of the longest common piece, and so on at both sides of it.
  function matched(one, other) {
    if (!one || !other) return 0;
    let size = 0, at = 0, there = 0, before = [];
    for (let i = 0; i < one.length; i += 1) {
      const here = [];
      for (let j = 0; j < other.length; j += 1) {
        if (one[i] !== other[j]) continue;
        here[j] = (before[j - 1] || 0) + 1;
        if (here[j] > size) { size = here[j]; at = i - size + 1; there = j - size + 1; }
      }
      before = here;
    }
    if (!size) return 0;
    return size + matched(one.slice(0, at), other.slice(0, there)) + matched(one.slice(at + size), other.slice(there + size));
  }

  return { closest };
})();

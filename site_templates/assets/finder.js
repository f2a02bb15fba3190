// Looking words up in the data of the search (data/search): script files, so that it works from a folder too.
"use strict";

const Finder = (() => {
  const WIDEST = 4;
  const LISTS = { name: 0, text: 1, server: 2 };
  const parts = new Map();

  // A part is asked for once; each script calls back with its number and what it holds.
  function load(file) {
    if (!parts.has(file)) {
      const part = {};
      part.ready = new Promise((resolve, reject) => { part.resolve = resolve; part.reject = reject; });
      parts.set(file, part);
      const script = document.createElement("script");
      script.src = `${root}data/search/${file}.js`;
      script.addEventListener("error", () => { parts.delete(file); part.reject(new Error(file)); });
      document.head.append(script);
    }
    return parts.get(file).ready;
  }

  const arrived = (file, value) => parts.get(file).resolve(value);

  self.catalogSearch = {
    index: (value) => arrived("index", value),
    words: (at, value) => arrived(`w${at}`, value),
    entries: (at, value) => arrived(`d${at}`, value),
    facets: (at, value) => arrived(`f${at}`, value),
  };

  // Names are kept cut into words and as one word, so that what is typed need only be cut at its signs.
  function cut(text) {
    const pieces = text.normalize("NFKC").toLowerCase().split(/[^\p{L}\p{N}]+/u);
    return pieces.filter(Boolean).map((piece) => piece.slice(0, 32));
  }

  // The files that can hold words beginning so; too many for a letter or two, then only the first.
  function files(head, word) {
    const last = head.starts.findLastIndex((start) => start <= word || start.startsWith(word));
    const first = Math.max(0, head.starts.findLastIndex((start) => start <= word));
    const all = Array.from({ length: Math.max(0, last - first + 1) }, (_, step) => `w${first + step}`);
    return { files: all.slice(0, WIDEST), all: all.length <= WIDEST };
  }

  // Numbers of a word with their merit: 0 a name that holds it, 1 one that begins so, then texts and servers.
  async function look(word, only) {
    const wanted = files(await load("index"), word), merits = new Map();
    for (const words of await Promise.all(wanted.files.map(load))) {
      for (const term in words) {
        if (!term.startsWith(word)) continue;
        words[term].forEach((list, kind) => {
          if (!list || (only !== undefined && kind !== only)) return;
          const merit = kind * 2 + (term === word ? 0 : 1);
          let number = 0;
          for (const step of list.split(",")) {
            number += +step;
            if (!(merits.get(number) <= merit)) merits.set(number, merit);
          }
        });
      }
    }
    return { merits, whole: wanted.all };
  }

  // Entries by number: `[name, server, address, facet]`.
  async function entries(numbers) {
    const { block } = await load("index"), at = (number) => Math.floor(number / block);
    const blocks = new Map(await Promise.all([...new Set(numbers.map(at))].map(async (one) => [one, await load(`d${one}`)])));
    return numbers.map((number) => blocks.get(at(number))[number % block]);
  }

  return { LISTS, load, cut, look, entries };
})();

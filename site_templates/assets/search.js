// The search of the first page; finder.js reads its data.
"use strict";

{
  const box = document.getElementById("q"), found = document.getElementById("found");
  const STEP = 20;
  const { LISTS, load, cut, look } = Finder;
  let head = null, shown = STEP, latest = 0;

  // `cancel_job level:high` gives the words cancel and job, and what to narrow them down to.
  function parse(text) {
    const query = { words: [], server: [], level: "", category: "" };
    for (const part of text.trim().split(/\s+/).filter(Boolean)) {
      const match = /^(level|category|server):(.*)$/i.exec(part);
      const key = match ? match[1].toLowerCase() : "";
      if (key === "level" || key === "category") query[key] = match[2].toLowerCase();
      else query[key === "server" ? "server" : "words"].push(...cut(key ? match[2] : part));
    }
    return query;
  }

  async function facetOf(query) {
    if (!query.level && !query.category) return null;
    const level = head.levels.findIndex((word) => word.toLowerCase().startsWith(query.level));
    const category = head.categories.findIndex((word) => word.toLowerCase().startsWith(query.category));
    const many = head.categories.length, signs = new Set();
    head.levels.forEach((_, at) => head.categories.forEach((__, with_) => {
      if ((!query.level || at === level) && (!query.category || with_ === category)) signs.add(head.signs[at * many + with_]);
    }));
    const pieces = await Promise.all(Array.from({ length: Math.ceil(head.count / head.facets) }, (_, at) => load(`f${at}`)));
    return { signs, all: pieces.join("") };
  }

  async function search(query) {
    const looked = await Promise.all([
      ...query.words.map((word) => look(word)), ...query.server.map((word) => look(word, LISTS.server)),
    ]);
    const facet = await facetOf(query);
    looked.sort((one, other) => one.merits.size - other.merits.size);
    const [least, ...others] = looked;
    const hits = [];
    const consider = (number, merit) => {
      if (facet && !facet.signs.has(facet.all[number])) return;
      for (const other of others) {
        const more = other.merits.get(number);
        if (more === undefined) return;
        merit += more;
      }
      hits.push([merit, number]);
    };
    if (least) least.merits.forEach((merit, number) => consider(number, merit));
    else if (facet) for (let number = 0; number < head.count; number += 1) consider(number, 0);
    hits.sort((one, other) => one[0] - other[0] || one[1] - other[1]);
    return { numbers: hits.map((hit) => hit[1]), whole: looked.every((one) => one.whole) };
  }

  function element(tag, className, text) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  }

  function item([name, server, where, sign]) {
    const row = element("li"), link = element("a"), level = head.levels[Math.floor(head.signs.indexOf(sign) / head.categories.length)];
    link.href = `${root}tools/${server ? `${where}.html` : `${where}/index.html`}`;
    link.append(server ? element("code", "", name) : name);
    if (server) row.append(element("span", `lv ${level.toLowerCase()}`, level));
    row.append(link, " ", element("span", "", server || "server"));
    return row;
  }

  function caption({ numbers, whole }) {
    const count = numbers.length === 1 ? "1 entry" : `${numbers.length.toLocaleString("en")} entries`;
    if (!numbers.length) return whole ? "Nothing has these words." : "Type a few more letters.";
    return whole ? count : `${count}, and more with more letters`;
  }

  // What has come so far is shown at once, the best first; the rest as its part arrives.
  async function show(turn, hits) {
    const list = element("ul", "tools"), note = element("p", "by", caption(hits));
    const numbers = hits.numbers.slice(0, shown), blocks = new Map();
    const fill = () => {
      if (turn !== latest) return;
      const ready = numbers.map((number) => blocks.get(Math.floor(number / head.block))?.[number % head.block]);
      list.replaceChildren(...ready.filter(Boolean).map(item));
    };
    found.replaceChildren(note, ...(numbers.length ? [list] : []));
    await Promise.all([...new Set(numbers.map((number) => Math.floor(number / head.block)))].map(async (at) => {
      blocks.set(at, await load(`d${at}`));
      fill();
    }));
    if (turn !== latest || hits.numbers.length <= shown) return;
    const more = element("button", "", "Show more");
    more.type = "button";
    more.addEventListener("click", () => { shown += STEP; show(turn, hits); });
    found.append(more);
  }

  async function update() {
    const turn = latest += 1, text = box.value.trim();
    keep(text ? [["q", text]] : []);
    try {
      head = await load("index");
      const query = parse(text);
      mirror(query);
      if (turn !== latest) return;
      if (!text) { found.replaceChildren(); return; }
      const hits = await search(query);
      if (turn === latest) await show(turn, hits);
    } catch {
      if (turn === latest) found.replaceChildren(element("p", "by", "The search data could not be loaded."));
    }
  }

  // The two menus are another way to write level: and category: into the field.
  const menus = [...document.querySelectorAll(".narrow select")];

  function mirror(query) {
    for (const menu of menus) {
      const value = query[menu.name];
      menu.value = [...menu.options].map((option) => option.value).find((one) => one && value && one.startsWith(value)) || "";
    }
  }

  for (const menu of menus) {
    menu.addEventListener("change", () => {
      const others = box.value.split(/\s+/).filter((part) => part && !part.toLowerCase().startsWith(`${menu.name}:`));
      box.value = [...others, ...(menu.value ? [`${menu.name}:${menu.value}`] : [])].join(" ");
      shown = STEP;
      update();
    });
  }

  // Arrows walk through the hits, Escape goes back to the field.
  found.addEventListener("keydown", (event) => walk(event, [...found.querySelectorAll("a")]));
  box.addEventListener("keydown", (event) => walk(event, [...found.querySelectorAll("a")]));

  function walk(event, links) {
    const at = links.indexOf(document.activeElement), step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape" && at >= 0) box.focus();
    else if (step && at + step >= 0 && at + step < links.length) links[at + step].focus();
    else if (step === -1 && at === 0) box.focus();
    else return;
    event.preventDefault();
  }

  for (const menu of document.querySelectorAll(".narrow")) menu.hidden = false;
  box.value = new URLSearchParams(location.search).get("q") || "";
  box.addEventListener("focus", () => load("index").catch(() => {}));
  box.addEventListener("input", () => { shown = STEP; update(); });
  box.form.addEventListener("submit", (event) => {
    event.preventDefault();
    found.querySelector("a")?.click();
  });
  if (box.value) update();
}

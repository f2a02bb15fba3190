// Everything here is a convenience: copying, filtering a table, searching. Pages read well without it.
"use strict";

const root = document.body.dataset.root;
const SHOWN = 50;

// Copy buttons appear only where copying works.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const code = document.getElementById(button.dataset.copy);
    button.textContent = (await copied(code)) ? "Copied" : "Press Ctrl+C";
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
}

async function copied(node) {
  try {
    await navigator.clipboard.writeText(node.textContent);
    return true;
  } catch {
    getSelection().selectAllChildren(node);
    return document.execCommand("copy");
  }
}

// `/` goes to the search field, from anywhere but a field.
document.addEventListener("keydown", (event) => {
  const field = document.querySelector("#q, .find input");
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !field) return;
  if (/^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName)) return;
  event.preventDefault();
  field.focus();
  field.select();
});

// The filter of a server's tools; what is chosen is kept in the address.
for (const form of document.querySelectorAll("form[data-filter]")) {
  const rows = [...document.querySelectorAll(`#${form.dataset.filter} tbody tr`)];
  if (rows.length < 6) continue;
  form.hidden = false;
  const chosen = new URLSearchParams(location.search);
  for (const field of form.querySelectorAll("[name]")) field.value = chosen.get(field.name) || "";
  const apply = () => {
    const data = new FormData(form);
    let count = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const level = row.querySelector(".lv").textContent, category = row.querySelector(".cat").textContent;
      row.hidden = !(text.includes(data.get("q").toLowerCase().trim()) &&
        (!data.get("level") || data.get("level") === level) && (!data.get("category") || data.get("category") === category));
      count += row.hidden ? 0 : 1;
    }
    form.querySelector("output").textContent = count < rows.length ? `${count} of ${rows.length}` : "";
    keep([...data].filter(([, value]) => value));
  };
  form.addEventListener("input", apply);
  form.addEventListener("submit", (event) => event.preventDefault());
  if (chosen.size) apply();
}

function keep(pairs) {
  const query = new URLSearchParams(pairs).toString();
  history.replaceState(null, "", (query ? `?${query}` : location.pathname.split("/").pop() || "./") + location.hash);
}

// Search: the names are loaded when somebody first asks for them.
const box = document.getElementById("q");
let names = null, asked = false;

self.catalogSearch = (data) => {
  names = data;
  names.lower = data.tools.map(([server, name]) => [name.toLowerCase(), data.servers[server][0].toLowerCase()]);
  show();
};

function load() {
  if (asked) return;
  asked = true;
  const script = document.createElement("script");
  script.src = `${root}data/search.js`;
  script.addEventListener("error", () => { found.textContent = "The search data could not be loaded."; });
  document.head.append(script);
}

function parse(text) {
  const query = { words: [], level: "", category: "", server: "" };
  for (const part of text.toLowerCase().split(/\s+/).filter(Boolean)) {
    const match = /^(level|category|server):(.*)$/.exec(part);
    if (match) query[match[1]] = match[2]; else query.words.push(part);
  }
  return query;
}

// Lower is better: an exact name, then a name that begins so, then one that holds all the words.
function score(name, server, words) {
  let total = 0;
  for (const word of words) {
    const at = name.indexOf(word);
    if (at < 0 && !server.includes(word)) return -1;
    total += name === word ? 0 : at === 0 ? 1 : at > 0 ? 2 : 4;
  }
  return total;
}

function search(query) {
  const hits = [];
  names.tools.forEach((tool, index) => {
    const [name, server] = names.lower[index];
    if (!names.levels[tool[3]].toLowerCase().startsWith(query.level)) return;
    if (!names.categories[tool[4]].toLowerCase().startsWith(query.category)) return;
    if (!server.includes(query.server)) return;
    const rank = score(name, server, query.words);
    if (rank >= 0) hits.push([rank, tool[3], name.length, index]);
  });
  return hits.sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2] || a[3] - b[3]);
}

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

function item(tool) {
  const [at, name, slug, level] = tool, [server, folder] = names.servers[at];
  const link = element("a");
  link.href = `${root}tools/${folder}/${slug || name}.html`;
  link.append(element("code", "", name));
  const row = element("li");
  row.append(element("span", `lv ${names.levels[level].toLowerCase()}`, names.levels[level]), link, element("span", "", server));
  return row;
}

function serverItem([name, folder]) {
  const link = element("a", "", name), row = element("li");
  link.href = `${root}tools/${folder}/index.html`;
  row.append(link, element("span", "", "server"));
  return row;
}

function show() {
  if (!box || !names) return;
  const text = box.value.trim(), found = document.getElementById("found");
  found.replaceChildren();
  if (!text) return;
  const query = parse(text), hits = search(query);
  const servers = query.words.length && !query.level && !query.category
    ? names.servers.filter(([name]) => query.words.every((word) => name.toLowerCase().includes(word))).slice(0, 5) : [];
  const list = element("ul", "tools");
  list.append(...servers.map(serverItem), ...hits.slice(0, SHOWN).map((hit) => item(names.tools[hit[3]])));
  const count = hits.length === 1 ? "1 tool" : `${hits.length.toLocaleString("en")} tools`;
  const part = hits.length > SHOWN ? `, the best ${SHOWN} shown` : "";
  found.append(element("p", "by", hits.length ? count + part : "No tool of that name."), list);
}

if (box) {
  box.value = new URLSearchParams(location.search).get("q") || "";
  const update = () => {
    load();
    keep(box.value.trim() ? [["q", box.value.trim()]] : []);
    show();
  };
  box.addEventListener("focus", load);
  box.addEventListener("input", update);
  box.form.addEventListener("submit", (event) => {
    event.preventDefault();
    const first = document.querySelector("#found a");
    if (first) first.click();
  });
  if (box.value) update();
}

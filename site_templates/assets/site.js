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

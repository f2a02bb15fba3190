// What the choices come to: the policy's text, which version it is and why, what was rounded, what the lint says.
"use strict";

const BuilderOutcome = (() => {
  const { element } = BuilderValue;
  const get = (id) => document.getElementById(id);
  const counted = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  const MOST = 60;

  // Show the outcome of a draft; `go(pointer)` leads to the controls that a remark is about.
  function show(draft, tools, go) {
    const { made, words, rounded, barred } = PolicyDraft.outcome(draft, tools);
    const { text } = PolicyText.write(made), second = PolicyDraft.whole(draft);
    const findings = PolicyLint.findings(made, tools), own = made === second ? findings : PolicyLint.findings(second, tools);
    mark(own);
    const unfinished = blanks(second), blank = unfinished.length, errors = findings.filter((one) => one.severity === "error").length, ready = !errors && !blank;
    get("policy").firstElementChild.textContent = text.trimEnd();
    get("why").textContent = because(draft, made, words, barred);
    get("kept").textContent = kept(PolicyDraft.unshown(draft, tools));
    release(text, ready);
    const warnings = findings.filter((one) => one.severity === "warning").length;
    get("verdict").textContent = verdict(made, errors, blank, warnings);
    get("verdict").dataset.state = ready ? (warnings ? "doubtful" : "sound") : "broken";
    get("rounded").replaceChildren(...rounded.map(({ tool, why }) => element("li", {}, element("b", {}, "Rounded"), " ", ...(tool ? [element("code", {}, PolicyLint.oneLine(tool, 80)), ": "] : []), why)));
    list(get("findings"), [...unfinished, ...findings], go);
  }

  function verdict(made, errors, blank, warnings) {
    const version = `Version ${made.version}`;
    if (blank && !errors) return `${version}, not finished: ${counted(blank, "field")} to fill in`;
    if (errors) return `${version}, not valid: ${counted(errors, "error")} to mend`;
    return `${version}, valid${warnings ? `, ${counted(warnings, "warning")}` : ""}`;
  }

  // Conditions that are not finished, wherever they stand; the grammar takes an empty text for a text.
  function blanks(made) {
    const found = [];
    for (const [name, rule] of made.tools ?? []) {
      for (const key of PolicyDraft.GROUPS) {
        (rule[key] ?? []).forEach((group, place) => {
          for (const one of PolicyLint.conditionsOf(group)) {
            const why = one.op ? BuilderValue.missing(one) : "";
            if (why) found.push({ severity: "error", pointer: `${PolicyText.child("/tools", name)}/${key}/${place}`, message: `${PolicyLint.oneLine(name, 80)} is not finished: ${why}`, hint: "" });
          }
        });
      }
    }
    return found;
  }

  function because(draft, made, words, barred) {
    if (barred.length) return `Version 1 can say neither ${barred.join(" nor ")} nor anything stricter, so this is version 2.`;
    if (made.version === "1") return draft.version === "auto" ? "Version 1 suffices for these rules." : "";
    return words.length ? `It needs version 2 for: ${words.join(", ")}.` : "Version 1 would suffice.";
  }

  function kept(parts) {
    const more = parts.length > 8 ? `; and ${parts.length - 8} more` : "";
    return parts.length ? `Kept as it is, without a field here: ${parts.slice(0, 8).join("; ")}${more}.` : "";
  }

  // Copy and download wait until there is something that passes the check.
  function release(text, ready) {
    const link = document.querySelector("#bench figcaption a"), copy = document.querySelector("#bench figcaption button");
    copy.disabled = !ready;
    if (ready) link.href = `data:application/json;charset=utf-8,${encodeURIComponent(text)}`;
    else link.removeAttribute("href");
    link.setAttribute("aria-disabled", String(!ready));
  }

  function list(place, findings, go) {
    const order = ["error", "warning", "info"];
    const sorted = findings.toSorted((one, other) => order.indexOf(one.severity) - order.indexOf(other.severity));
    const items = sorted.slice(0, MOST).map((one) => element("li", { className: one.severity },
      element("b", {}, { error: "Error", warning: "Warning", info: "Note" }[one.severity]), " ", `${one.message}${one.hint ? ` (${one.hint})` : ""} `,
      one.pointer.startsWith("/tools/") ? element("button", { type: "button", className: "quiet", onclick: () => go(one.pointer) }, "Show") : null));
    if (sorted.length > MOST) items.push(element("li", {}, `and ${sorted.length - MOST} more`));
    place.replaceChildren(...items);
  }

  // Fields that an error stands at are marked, and what the lint says stands beside them.
  function mark(findings) {
    const errors = findings.filter((one) => one.severity === "error");
    for (const field of document.querySelectorAll("#bench [data-pointer]")) {
      const wrong = errors.some((one) => one.pointer === field.dataset.pointer || one.pointer.startsWith(`${field.dataset.pointer}/`));
      if (wrong) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
    for (const box of document.querySelectorAll("#bench [data-at]")) {
      const here = findings.filter((one) => one.pointer.startsWith(`${box.dataset.at}/`) || one.pointer === box.dataset.at);
      const note = box.querySelector(":scope > .problem");
      note.textContent = note.dataset.own || here.map((one) => one.message).join("; ");
    }
  }

  return { show };
})();

// One change in full, its record beside it.

function laid({ facts, edits, record }) {
  const around = { class: "record", tabindex: 0, role: "region", "aria-label": "The record" };
  const known = node("dl", { class: "facts" }, ...facts.flatMap(fact));
  return [
    node("div", { class: "what" }, ...edits.map(edited), known),
    node("div", around, recorded(record)),
  ];
}

function fact([name, text]) {
  const facts = { class: ["unusual", "risk"].includes(name) ? "unusual" : "" };
  return [node("dt", {}, node("bdi", {}, name)), node("dd", facts, node("bdi", {}, text))];
}

function edited({ field, element, values: [old, now], notes }) {
  return node("div", { class: "change" },
    node("h4", {}, field, " ", node("code", {}, element)),
    node("div", { class: "both", tabindex: 0, role: "region", "aria-label": `${field}, old and new` },
      node("dl", { class: "values" },
        node("dt", {}, "old"), node("dd", {}, quoted(old, "old")),
        node("dt", {}, "new"), node("dd", {}, quoted(now, "new")))),
    ...notes.map((words) => node("p", { class: "quiet" }, words)));
}

function recorded(record) {
  if (!record.length) return node("p", {}, "The snapshot does not hold this record.");
  const rows = record.map(([name, state, text, role]) => {
    const words = state === "error" ? `failed: ${text}` : `'${text}'`;
    const shown = state === "absent" ? node("em", {}, "absent")
      : node("span", { class: "value", dir: "ltr" }, words);
    return node("tr", { class: role === "changes" ? "changes" : "" },
      node("th", { scope: "row" }, name),
      node("td", {}, shown),
      node("td", { class: "role" }, role));
  });
  return node("table", {}, node("caption", {}, "The record"), node("tbody", {}, ...rows));
}

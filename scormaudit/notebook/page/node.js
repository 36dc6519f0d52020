// Elements without markup: whatever learners wrote goes in as text alone.

function node(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(name, value);
    else if (value !== undefined && value !== false) made.setAttribute(name, String(value));
  }
  made.append(...children.filter((child) => child !== null && child !== ""));
  return made;
}

// A text in quotes; the part that differs is underlined, not only coloured.
function quoted(parts, kind) {
  if (parts === null) return node("em", {}, "absent");
  const [head, middle, tail] = parts;
  const shown = ["'", head, node("mark", {}, middle), tail, "'"];
  return node("span", { class: `value ${kind}`, dir: "ltr" }, ...shown);
}

function labelled(words, field) {
  return node("label", {}, node("span", {}, words), field);
}

function button(words, key, click, kind = "") {
  const short = key === "A" ? "Shift+A" : key;
  const facts = { type: "button", class: kind, "aria-keyshortcuts": short, click };
  return node("button", facts, words, " ", node("kbd", {}, key));
}

function unusual(words) {
  return words.length ? node("span", { class: "unusual" }, ` ! ${words.join(", ")}`) : null;
}

// Show words, or hide the element where there are none.
function say(element, words) {
  element.textContent = words;
  element.hidden = !words;
}

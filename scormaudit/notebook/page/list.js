// A list of any length, of which the page holds only what is seen and a few rows around it.

const ROW = 48; // pixels; review.css says the same
const SPARE = 4;

class List {
  // `row(name)` gives what stands in a row, `pick(name)` hears a click on it.
  constructor(prefix, row, pick) {
    Object.assign(this, { prefix, row, pick, names: [], at: null });
    this.rows = node("div", { class: "rows", role: "presentation" });
    const facts = { class: "list", role: "listbox", tabindex: 0, "aria-label": "Changes" };
    this.element = node("div", { ...facts, scroll: () => this.draw() }, this.rows);
    this.watch = new ResizeObserver(() => this.draw());
    this.watch.observe(this.element);
  }

  show(names, at) {
    this.names = names;
    this.at = at;
    this.draw();
  }

  // Scroll no further than is needed to see the present row.
  reveal(names, at) {
    this.names = names;
    this.at = at;
    this.rows.style.height = `${names.length * ROW}px`;
    const top = this.names.indexOf(this.at) * ROW;
    const { scrollTop, clientHeight } = this.element;
    if (top < scrollTop) this.element.scrollTop = Math.max(0, top);
    const under = top + ROW - clientHeight;
    if (under > scrollTop) this.element.scrollTop = under;
    this.draw();
  }

  get page() {
    return Math.max(1, Math.floor(this.element.clientHeight / ROW));
  }

  draw() {
    const { scrollTop, clientHeight } = this.element;
    const first = Math.max(0, Math.floor(scrollTop / ROW) - SPARE);
    const seen = this.names.slice(first, Math.ceil((scrollTop + clientHeight) / ROW) + SPARE);
    this.rows.style.height = `${this.names.length * ROW}px`;
    this.rows.replaceChildren(...seen.map((name, index) => this.option(name, first + index)));
    if (seen.includes(this.at)) {
      this.element.setAttribute("aria-activedescendant", `${this.prefix}-${this.at}`);
    } else this.element.removeAttribute("aria-activedescendant");
  }

  option(name, index) {
    return node("div", {
      class: "row", role: "option", id: `${this.prefix}-${name}`, style: `top: ${index * ROW}px`,
      "aria-selected": String(name === this.at), "aria-setsize": this.names.length,
      "aria-posinset": index + 1, click: () => this.pick(name),
    }, ...this.row(name));
  }
}

// The rules, each with how many of its changes are decided; pressing one lists only these.

class Rules {
  constructor(press) {
    this.press = press;
    this.element = node("div", { class: "rules", role: "group", "aria-label": "Rules" });
  }

  // `facets` are the kinds of changes; the first button stands for all of them.
  begin(facets) {
    const made = (facet, ...children) => {
      const facts = { type: "button", click: () => this.press(facet) };
      return node("button", facts, ...children, node("span", { class: "number" }));
    };
    this.element.replaceChildren(
      made(null, node("strong", {}, "All changes")),
      ...facets.map(({ rules, pattern, unusual: words }, facet) => {
        const code = node("code", { dir: "ltr" }, pattern);
        return made(facet, node("strong", {}, rules), code, unusual(words));
      }));
  }

  // How many of how many are decided, a pair for each button.
  count(pressed, numbers) {
    numbers.forEach(([decided, all], index) => {
      const button = this.element.children[index];
      button.setAttribute("aria-pressed", String(pressed === (index ? index - 1 : null)));
      button.lastChild.textContent = `${decided}/${all}`;
    });
  }
}

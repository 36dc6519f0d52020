// The page of scormaudit.notebook.review: it shows what the kernel says and asks it to decide.
// A decision counts when the kernel says that it is kept; until then its row says so.

const SIGNS = { open: "○", approved: "✓", rejected: "✗", deferred: "–", short: "◐" };
const WORDS = { deferred: "not now", barred: "not counted" };
const COUNTED = { ...WORDS, short: "half approved" };
const SILENT = "The kernel does not answer: it is busy, or gone. What a row says “…” of is not "
  + "kept yet. If the kernel is gone, run the cell again: what was kept is in the decisions file.";
const WHO = "Who are you? Type your name, then decide again.";
const WHY = "Why? The reason is kept with every decision until you change it.";
const HELP = [
  ["j  k", "the next, the one before"], ["a", "approve this change"], ["r", "reject it"],
  ["n", "not now: deferred"], ["A", "approve all open ones in the list, after typing how many"],
  ["/", "filter the list"], ["v", "the values in full"], ["w", "another reason from now on"],
  ["?", "this help"], ["Esc", "back to the list"],
];

class Review {
  constructor(model, root) {
    this.name = crypto.getRandomValues(new Uint32Array(1))[0].toString(16);
    Object.assign(this, { root, docket: new Docket(), cards: new Map(), number: 0, full: false });
    this.list = new List(this.name, (name) => this.row(name), (name) => this.pick(name));
    this.rules = new Rules((facet) => this.narrow({ facet }));
    this.build();
    this.hands = this.keys();
    this.kernel = new Kernel(model, (...heard) => this.hear(...heard), (is) => this.quiet(is));
    this.kernel.ask({ ask: "list", ticket: this.name });
  }

  leave() {
    this.kernel.leave();
    this.list.watch.disconnect();
    clearTimeout(this.soon);
  }

  build() {
    const status = { class: "tally", role: "status", "aria-live": "polite" };
    const enter = (next) => (event) => event.key === "Enter" && next().focus();
    const who = { autocomplete: "off", spellcheck: "false", change: () => this.who() };
    const list = this.list.element;
    this.tally = node("strong", status, "Reading the plan…");
    this.more = node("span", {});
    this.bar = node("progress", { max: 1, value: 0, "aria-hidden": "true" });
    this.reviewer = node("input", { ...who, size: 14, keydown: enter(() => this.reason) });
    this.reason = node("input", { ...who, size: 28, keydown: enter(() => list) });
    this.filter = node("input", {
      type: "search", autocomplete: "off", placeholder: "learner, SCO, field, value …",
      input: () => this.narrow({ words: this.filter.value }), keydown: enter(() => list),
    });
    const options = Object.keys(SHOWN).map((word) => node("option", {}, word));
    const chosen = () => this.narrow({ which: this.which.value });
    this.which = node("select", { "aria-label": "Show", change: chosen }, ...options);
    this.alert = node("p", { class: "alert", role: "alert", hidden: "" });
    this.warning = node("p", { class: "warning", hidden: "" });
    this.count = node("span", { class: "count" });
    this.panel = node("div", { class: "panel", role: "group", tabindex: -1, hidden: "" });
    this.card = node("section", { class: "card", "aria-label": "The change" });
    this.note = node("p", { class: "note" });
    this.root.setAttribute("role", "region");
    this.root.setAttribute("aria-label", "Review of a plan");
    this.root.setAttribute("data-lm-suppress-shortcuts", "true");
    this.root.classList.add("scormaudit-review");
    this.root.addEventListener("keydown", (event) => this.key(event));
    this.root.replaceChildren(
      node("div", { class: "head" },
        node("div", { class: "standing" }, this.tally, this.more, this.bar),
        labelled("Reviewer", this.reviewer), labelled("Reason", this.reason)),
      this.warning, this.alert,
      node("div", { class: "desk" }, this.rules.element,
        node("section", { class: "changes", "aria-label": "List of changes" },
          node("div", { class: "tools" },
            labelled("Filter", this.filter), labelled("Show", this.which), this.count),
          list)),
      node("div", { class: "buttons", role: "group", "aria-label": "Decide" },
        button("Approve", "a", () => this.one("approve"), "approve"),
        button("Reject", "r", () => this.one("reject"), "reject"),
        button("Not now", "n", () => this.one("defer")),
        button("Approve all listed…", "A", () => this.ballot()),
        button("Keys", "?", () => this.help())),
      this.panel, this.card, this.note);
  }

  // --- what the kernel says ------------------------------------------------------------------

  async hear(content, buffers) {
    if (content.tell === "card") this.carded(content);
    else if (content.tell === "error") this.failed(content);
    else if (content.tell !== "list") this.stand(content);
    else if (content.ticket === this.name) await this.begin(content, buffers[0]);
  }

  stand(content) {
    if (content.warning !== undefined) say(this.warning, content.warning);
    this.docket.answered(content.ticket);
    this.docket.stand(content);
    Object.keys(content.states).forEach((name) => this.cards.delete(name));
    this.refresh();
    this.fetch();
  }

  async begin(content, buffer) {
    const listed = await unpacked(buffer);
    this.docket.stand({ whole: true, ...content });
    this.docket.begin(listed);
    this.rules.begin(listed.facets);
    this.reviewer.value ||= content.reviewer;
    this.reason.value ||= content.reason;
    if (content.trouble) this.complain(content.trouble);
    this.note.replaceChildren(
      `${content.note} Each decision is kept beside it at once; nothing is sent to the LMS. `,
      "What you approve can be sent by ", node("code", {}, content.next), ".");
    say(this.warning, content.warning);
    this.refresh();
    this.moved();
  }

  failed({ ticket, words }) {
    const [first] = this.docket.answered(ticket);
    if (first) this.docket.go(first);
    this.complain(words);
    this.moved();
  }

  carded({ name, full, card }) {
    if (!full) this.cards.set(name, card);
    if (name === this.docket.at && full === this.full) this.lay(card);
  }

  // The record is scrolled to what would change in it.
  lay(card) {
    this.card.replaceChildren(...laid(card));
    const changed = this.card.querySelector("tr.changes");
    if (changed) changed.closest(".record").scrollTop = changed.offsetTop - 2 * ROW;
  }

  quiet(is) {
    if (is) this.complain(SILENT);
    else if (this.alert.textContent === SILENT) this.complain("");
  }

  // --- what is shown -------------------------------------------------------------------------

  // All counters and the list; moving about in the list changes no counter.
  refresh() {
    const { docket } = this;
    const numbers = docket.numbers();
    const [decided, all] = numbers[0];
    const tally = `${decided} of ${all} decided`;
    if (this.tally.textContent !== tally) this.tally.textContent = tally; // said once
    const tallied = ([word, number]) => ` · ${number} ${COUNTED[word] ?? word}`;
    this.more.textContent = [...docket.tally()].map(tallied).join("");
    this.bar.max = all || 1;
    this.bar.value = decided;
    const { length } = docket.shown;
    this.count.textContent = length === all ? `${all} listed` : `${length} of ${all} listed`;
    this.rules.count(docket.facet, numbers);
    this.list.show(docket.shown, docket.at);
    const nothing = all ? "The filter leaves no change." : "The plan has no change.";
    if (docket.at === null) this.card.replaceChildren(node("p", {}, nothing));
  }

  row(name) {
    const { whose, edits, facet } = this.docket.lineOf.get(name);
    const { word, text } = this.docket.state(name);
    const waits = this.docket.pending.has(name);
    const sign = node("span", { "aria-hidden": "true" }, waits ? "" : SIGNS[word] ?? "!");
    const told = waits ? "…" : WORDS[word] ?? text;
    const shown = edits.flatMap(([field, old, now]) => [
      node("b", {}, field), " ", quoted(old, "old"), " → ", quoted(now, "new"), "  "]);
    return [
      node("span", { class: `state ${word}` }, sign, ` ${told}`),
      node("span", { class: "edit", dir: "ltr" }, ...shown),
      node("span", { class: "whose" }, node("bdi", {}, whose)),
      node("span", { class: "rule" }, this.docket.facets[facet].rules),
    ];
  }

  // Ask for the present change; whoever holds j down gets the last one only.
  fetch() {
    const { at } = this.docket;
    if (at === null) return;
    const known = this.cards.get(at);
    if (known && !this.full) this.lay(known);
    clearTimeout(this.soon);
    if (known && !this.full) return;
    this.soon = setTimeout(() => this.kernel.ask({ ask: "card", name: at, full: this.full }), 30);
  }

  narrow(facts) {
    Object.assign(this.docket, facts);
    this.docket.narrow();
    this.refresh();
    this.moved();
  }

  moved() {
    this.full = false;
    this.list.reveal(this.docket.shown, this.docket.at);
    this.fetch();
  }

  step(by) {
    this.docket.step(by);
    this.moved();
  }

  pick(name) {
    this.docket.go(name);
    this.moved();
    this.list.element.focus();
  }

  // --- deciding ------------------------------------------------------------------------------

  who() {
    this.kernel.ask({ ask: "who", reviewer: this.reviewer.value, reason: this.reason.value });
  }

  one(meaning) {
    if (this.docket.at !== null) this.decide(meaning, [this.docket.at]);
  }

  decide(meaning, names) {
    const [reviewer, reason] = [this.reviewer.value.trim(), this.reason.value.trim()];
    if (!reviewer) return this.missing(this.reviewer, WHO);
    if (!reason) return this.missing(this.reason, WHY);
    this.complain("");
    const ticket = `${this.name}-${(this.number += 1)}`;
    names.forEach((name) => this.docket.pending.set(name, ticket));
    const expect = names.length;
    this.kernel.ask({ ask: "decide", ticket, meaning, names, expect, reviewer, reason });
    this.docket.onward();
    return this.moved();
  }

  missing(field, words) {
    this.complain(words);
    field.focus();
  }

  // Whoever types how many open changes are in the list approves them all.
  ballot() {
    const names = this.docket.shown.filter((name) => this.docket.isOpen(name));
    if (!names.length) return this.complain("None in the list is open.");
    const { length } = names;
    const field = node("input", { inputmode: "numeric", autocomplete: "off", size: 6 });
    const finish = () => {
      const typed = field.value.trim();
      this.fold();
      if (typed === String(length)) this.decide("approve", names);
      else this.complain(`“${typed}” is not ${length}, so nothing was decided.`);
    };
    field.addEventListener("keydown", (event) => event.key === "Enter" && finish());
    const item = ([{ rules, pattern, unusual: words }, number]) => node("li", {},
      `${number} × `, node("strong", {}, rules), " ", node("code", {}, pattern), unusual(words));
    const many = length === 1 ? "1 change" : `${length} changes`;
    const kept = this.docket.shown.length - length;
    const rest = `${kept} more in the list stay as they are: decided, not now, or on their way.`;
    this.unfold("Approve all listed",
      labelled(`To approve ${many}, type ${length}:`, field),
      node("button", { type: "button", class: "approve", click: finish }, "Approve"),
      node("button", { type: "button", click: () => this.fold() }, "Cancel"),
      node("ul", { tabindex: 0, "aria-label": "What it would approve" },
        ...this.docket.divided(names).map(item)), kept ? node("p", {}, rest) : "");
    return field.focus();
  }

  // --- hands ---------------------------------------------------------------------------------

  keys() {
    return {
      j: () => this.step(1), k: () => this.step(-1),
      ArrowDown: () => this.step(1), ArrowUp: () => this.step(-1),
      PageDown: () => this.step(this.list.page), PageUp: () => this.step(-this.list.page),
      Home: () => this.step(-Infinity), End: () => this.step(Infinity),
      a: () => this.one("approve"), r: () => this.one("reject"), n: () => this.one("defer"),
      A: () => this.ballot(), "/": () => this.filter.focus(), w: () => this.reason.select(),
      v: () => this.whole(), "?": () => this.help(),
    };
  }

  key(event) {
    event.stopPropagation(); // the notebook has a j, k, a and r of its own
    if (event.key === "Escape") this.fold();
    const typing = ["INPUT", "SELECT"].includes(event.target.tagName);
    const hand = this.hands[event.key];
    if (!hand || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.length > 1 && event.target !== this.list.element) return;
    event.preventDefault();
    hand();
  }

  whole() {
    this.full = !this.full;
    this.fetch();
  }

  help() {
    if (!this.panel.hidden) return this.fold();
    const lines = HELP.flatMap(([key, words]) => [
      node("dt", {}, node("kbd", {}, key)), node("dd", {}, words)]);
    this.unfold("Keys", node("dl", { class: "keys" }, ...lines));
    return this.panel.focus();
  }

  unfold(name, ...children) {
    this.panel.setAttribute("aria-label", name);
    this.panel.replaceChildren(...children);
    this.panel.hidden = false;
  }

  fold() {
    this.panel.hidden = true;
    this.panel.replaceChildren();
    this.list.element.focus();
  }

  complain(words) {
    say(this.alert, words);
  }
}

export default {
  render({ model, el }) {
    const review = new Review(model, el);
    return () => review.leave();
  },
};

// The changes of the plan, where each stands, and which of them a filter leaves.

const OPEN = { word: "open", text: "open", decided: false };
const SHOWN = {
  all: () => true,
  open: (state) => !state.decided,
  approved: (state) => state.word === "approved",
  rejected: (state) => state.word === "rejected",
  "not now": (state) => state.word === "deferred",
};

class Docket {
  constructor() {
    Object.assign(this, { facets: [], lines: [], states: new Map(), pending: new Map() });
    Object.assign(this, { shown: [], at: null, place: 0, facet: null, words: "", which: "all" });
  }

  begin({ facets, lines }) {
    this.facets = facets;
    this.lines = lines.map(([name, facet, whose, edits]) => {
      const text = [whose, facets[facet].rules, ...edits.map(sentence)].join(" ");
      return { name, facet, whose, edits, words: text.toLowerCase() };
    });
    this.lineOf = new Map(this.lines.map((line) => [line.name, line]));
    this.narrow();
    this.at = this.shown.find((name) => this.isOpen(name)) ?? this.shown[0] ?? null;
  }

  // What the kernel says of some changes, or of all of them.
  stand({ whole, states }) {
    if (whole) this.states.clear();
    for (const [name, [word, text, decided]] of Object.entries(states)) {
      this.states.set(name, { word, text, decided });
    }
    this.narrow();
  }

  state(name) {
    return this.states.get(name) ?? OPEN;
  }

  isOpen(name) {
    const { decided, word } = this.state(name);
    return !decided && word !== "deferred" && !this.pending.has(name);
  }

  // Take back what a ticket was about; the changes it named.
  answered(ticket) {
    const names = [...this.pending].filter(([, of]) => of === ticket).map(([name]) => name);
    names.forEach((name) => this.pending.delete(name));
    return names;
  }

  // Where the present change is left out, the one that takes its place is present.
  narrow() {
    const words = this.words.toLowerCase().split(/\s+/).filter(Boolean);
    const named = (line, word) => word.length > 5 && line.name.startsWith(word);
    this.shown = this.lines
      .filter((line) => (this.facet === null || line.facet === this.facet)
        && SHOWN[this.which](this.state(line.name))
        && words.every((word) => line.words.includes(word) || named(line, word)))
      .map((line) => line.name);
    const found = this.shown.indexOf(this.at);
    if (found < 0) this.at = this.shown[Math.min(this.place, this.shown.length - 1)] ?? null;
    else this.place = found;
  }

  go(name) {
    this.at = name ?? null;
    this.place = Math.max(0, this.shown.indexOf(this.at));
  }

  step(by) {
    const to = Math.max(0, Math.min(this.shown.length - 1, this.place + by));
    this.go(this.shown[to]);
  }

  // To the next open change in the list, around its end; stay where there is none.
  onward() {
    const after = [...this.shown.slice(this.place + 1), ...this.shown.slice(0, this.place)];
    const next = after.find((name) => this.isOpen(name));
    if (next) this.go(next);
  }

  // How many are decided of how many: of all changes, then of each facet.
  numbers() {
    const found = [[0, 0], ...this.facets.map(() => [0, 0])];
    for (const { name, facet } of this.lines) {
      for (const number of [found[0], found[facet + 1]]) {
        number[0] += this.state(name).decided;
        number[1] += 1;
      }
    }
    return found;
  }

  // How many stand at each word, but for what is open.
  tally() {
    const found = new Map();
    for (const { word } of this.states.values()) found.set(word, (found.get(word) ?? 0) + 1);
    return found;
  }

  // Of these changes, each facet and how many are in it.
  divided(names) {
    const found = new Map();
    for (const name of names) {
      const facet = this.facets[this.lineOf.get(name).facet];
      found.set(facet, (found.get(facet) ?? 0) + 1);
    }
    return [...found];
  }
}

function sentence([field, old, now]) {
  return `${field} ${old === null ? "absent" : old.join("")} → ${now.join("")}`;
}

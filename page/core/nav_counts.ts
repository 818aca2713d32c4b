/** The counts of the navigation: what is wrong, and nothing that only flatters. */
import type { TraceList } from "../../src/dashboard/protocol.ts";
import type { App, Store, ViewName } from "./app.ts";
import type { NavCount } from "./top_bar.ts";
import { wholeNumber } from "./units.ts";

/** Milliseconds between two looks at the number of failed traces. */
const INTERVAL = 15_000;

function bad(glyph: string, count: number, words: string): NavCount {
  const text = wholeNumber(count);
  return { text: `${glyph} ${text}`, isBad: true, words: `${text} ${words}` };
}

function fullFamilies(store: Store): number {
  let full = 0;
  for (const { limit, series } of store.families.values()) {
    if (limit !== null && series >= limit) full++;
  }
  return full;
}

function isTroubled(store: Store): number {
  const { health } = store;
  if (health === null) return 0;
  return health.checks.filter(({ ok }) => !ok).length +
    health.sources.filter(({ ok }) => !ok).length;
}

/** The counts, and what keeps them up to date. */
export class NavCounts {
  readonly #app: App;
  #failedTraces = 0;
  #lookedAt = -Infinity;

  constructor(app: App) {
    this.#app = app;
  }

  /** Returns the counts of the views that have one. */
  now(): Readonly<Partial<Record<ViewName, NavCount>>> {
    const { store } = this.#app;
    this.#look();
    const full = fullFamilies(store);
    const troubled = isTroubled(store);
    return {
      ...(full > 0 ? { metrics: bad("■", full, "full") } : {}),
      ...(this.#failedTraces > 0
        ? { traces: bad("✕", this.#failedTraces, "failed") }
        : {}),
      ...(troubled > 0 ? { health: bad("▲", troubled, "failing") } : {}),
    };
  }

  #look(): void {
    const { api, store } = this.#app;
    if (store.hello?.has.traces !== true) return;
    if (performance.now() - this.#lookedAt < INTERVAL) return;
    this.#lookedAt = performance.now();
    api.get<TraceList>("traces?list=failed").then(({ counts }) => {
      if (counts.failed === this.#failedTraces) return;
      this.#failedTraces = counts.failed;
      this.#app.redraw();
    }, () => {
      // The pen says that the server cannot be reached.
    });
  }
}

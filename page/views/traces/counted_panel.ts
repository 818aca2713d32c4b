/** The histogram that has counted the selected span, and the span in it. */
import type { History } from "../../../src/dashboard/protocol.ts";
import type { TraceSpan } from "../../../src/dashboard/protocol_traces.ts";
import { type Bar, Bars, type ChartGroup } from "../../charts/mod.ts";
import type { App } from "../../core/app.ts";
import { h, setChildren } from "../../core/dom.ts";
import { bucketRange } from "../../core/quantiles.ts";
import { formatOf } from "../../core/units.ts";
import { breakable } from "../../parts/breakable.ts";
import { comparedLabels, type Counted, counted, rankWords } from "./counted.ts";

/** Seconds of history that a span is compared with. */
const RANGE = 900;
/** Milliseconds for which an answer is used again. */
const KEPT = 10_000;
/** Empty buckets that are drawn on either side. */
const MARGIN = 1;

interface Answer {
  readonly at: number;
  readonly history: History | null;
  readonly error: string;
}

/** The column "counted in". */
export class CountedPanel {
  readonly element = h("div", { class: "drawer-part" });
  readonly #app: App;
  readonly #bars: Bars;
  readonly #answers = new Map<number, Answer>();
  #key = "";

  constructor(app: App, group: ChartGroup) {
    this.#app = app;
    this.#bars = new Bars(group, 118);
  }

  /** Draws the histogram of a span. `mustDraw`: also if it has not changed. */
  draw(span: TraceSpan, mustDraw: boolean): void {
    const { store, location } = this.#app;
    const { countedIn } = span;
    const family = countedIn === null
      ? undefined
      : store.family(countedIn.family);
    const answer = family && this.#answerOf(family.id);
    const key = `${span.id} ${family?.id} ${answer?.at}`;
    if (key === this.#key && !mustDraw) return;
    this.#key = key;
    const head = h("h3", null, "Counted in");
    if (countedIn === null) {
      return setChildren(
        this.element,
        head,
        h(
          "p",
          { class: "dim" },
          "No histogram of this page is known to count this span.",
        ),
      );
    }
    const { hello } = store;
    const labels = comparedLabels(countedIn.labels, [
      hello?.requests,
      hello?.calls,
    ]);
    const route = h("a", {
      class: "link",
      href: location.href({ view: "metrics", path: [countedIn.family] }),
    }, "Open metric");
    const parts = [
      head,
      h("p", { class: "mono drawer-family" }, breakable(countedIn.family)),
      h(
        "p",
        { class: "drawer-note" },
        labels.map(([name, value]) => `${name}="${value}"`).join(", "),
        labels.length > 0 ? ", " : "",
        "last 15 minutes",
      ),
    ];
    const found = family && answer?.history
      ? counted(answer.history, family, labels, span.ms / 1000)
      : undefined;
    if (family === undefined || found === undefined) {
      const text = answer?.error ||
        (answer === undefined && family !== undefined
          ? "Loading…"
          : family === undefined
          ? "Its history is not sampled."
          : "It has counted nothing in this time.");
      return setChildren(
        this.element,
        parts,
        h("p", { class: "dim" }, text, " ", route),
      );
    }
    setChildren(
      this.element,
      parts,
      this.#bars.element,
      h("p", { class: "drawer-note" }, rankWords(found), " ", route),
    );
    this.#bars.draw({
      bars: barsOf(found, family),
      format: formatOf(family.unit || "seconds"),
      mark: { value: span.ms / 1000, text: "this span" },
      name: `Durations in ${countedIn.family}`,
    });
  }

  #answerOf(family: number): Answer | undefined {
    const known = this.#answers.get(family);
    const at = performance.now();
    if (known !== undefined && at - known.at < KEPT) {
      return known.history === null && known.error === "" ? undefined : known;
    }
    this.#answers.set(family, {
      at,
      history: known?.history ?? null,
      error: "",
    });
    const keep = (answer: Partial<Answer>): void => {
      const at = performance.now();
      this.#answers.set(family, { at, history: null, error: "", ...answer });
      this.#app.redraw();
    };
    this.#app.api.get<History>(`history?f=${family}&range=${RANGE}`).then(
      (history) => keep({ history }),
      (error: unknown) => keep({ error: (error as Error).message }),
    );
    return known?.history ? known : undefined;
  }
}

/** Returns the bars from the first to the last bucket that has a count. */
function barsOf(
  { counts, bucket }: Counted,
  family: Parameters<typeof bucketRange>[0],
): Bar[] {
  const filled = [...counts.keys()].filter((each) =>
    (counts.get(each) ?? 0) > 0 && each > -1000
  );
  const all = bucket > -1000 ? [...filled, bucket] : filled;
  const last = family.native ? Infinity : family.bounds?.length ?? 0;
  const from = Math.max(
    family.native ? -Infinity : 0,
    Math.min(...all) - MARGIN,
  );
  const to = Math.min(last, Math.max(...all) + MARGIN);
  const bars: Bar[] = [];
  for (let each = from; each <= to; each++) {
    bars.push({ ...bucketRange(family, each), count: counts.get(each) ?? 0 });
  }
  return bars;
}

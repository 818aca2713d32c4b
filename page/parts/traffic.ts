/** Requests, failures and latency on one time axis. */
import type { App } from "../core/app.ts";
import type { Axis, Series } from "../core/data.ts";
import { button, el, setText } from "../core/dom.ts";
import { ago, rateOf, seconds, utc, words } from "../core/units.ts";
import {
  type ChartGroup,
  columnStep,
  Distribution,
  HeatMap,
  type Note,
  rateTrack,
  TimeChart,
  type TraceMark,
} from "../charts/mod.ts";
import type { TraceSummary } from "../../src/dashboard/protocol.ts";
import { failuresOf, type Histograms, routeKey } from "./requests.ts";
import { endOfTrace } from "./trace_book.ts";

/** Contents of the charts. */
export interface TrafficData {
  readonly axis: Axis;
  readonly requests: Histograms & { readonly failed: readonly Series[] };
  /** Empty for all routes. */
  readonly route: string;
  /** Begins of incidents. */
  readonly notes: readonly Note[];
  /** Null: no traces are kept. */
  readonly traces: readonly TraceSummary[] | null;
}

const perSecond = rateOf("");

/** Pixels of a column, at least. */
const LINE = 4;
const CELL = 6;

/** The sheet with the three charts. */
export class Traffic {
  readonly element = el("section", "sheet traffic");
  readonly #group: ChartGroup;
  readonly #requests: TimeChart;
  readonly #failed: TimeChart;
  readonly #heat: HeatMap;
  readonly #distribution = new Distribution([0.5, 0.95, 0.99]);
  readonly #of = el("span", "note");
  readonly #selection: HTMLButtonElement;

  constructor(app: App, group: ChartGroup) {
    this.#group = group;
    this.#requests = new TimeChart(group, {
      name: "Requests",
      height: 146,
      hasTimes: false,
    });
    this.#failed = new TimeChart(group, {
      name: "Failed requests",
      height: 74,
      hasTimes: false,
      namesGaps: false,
    });
    this.#heat = new HeatMap(group, {
      name: "Latency",
      height: 218,
      namesGaps: false,
    });
    this.#heat.onOpen = ({ id }) =>
      app.location.go({ view: "traces", path: [id], rest: {} });
    this.#selection = button("chip", "", () => group.select(null));
    this.#selection.title = "Show the whole range (Esc)";
    this.element.append(
      el(
        "div",
        "sheet-head",
        el("h2", "", "Requests"),
        el("span", "note", "a second; failed below, on their own scale"),
        el("span", "end", this.#selection),
      ),
      this.#requests.element,
      this.#failed.element,
      el(
        "div",
        "sheet-head latency-head",
        el("h2", "", "Latency"),
        this.#of,
        el("span", "end", this.#heat.legend),
      ),
      this.#heat.element,
    );
  }

  /** Draws the charts; `isAll`: everything may have changed. */
  draw(data: TrafficData, isAll: boolean): void {
    const { axis, requests, route, notes, traces } = data;
    const { selection } = this.#group;
    // The selected time has left the history.
    if (selection !== null && selection.to <= axis.from) {
      this.#group.select(null);
    }
    const span = selection === null ? undefined : selection.to - selection.from;
    const width = this.#requests.plotWidth;
    const line = columnStep(axis, width, LINE, span);
    const cell = columnStep(axis, width, CELL, span);
    const values = requests.series.map((each) => each.values);
    this.#requests.draw({
      axis,
      format: perSecond,
      lines: [{
        name: "requests",
        track: rateTrack(axis, values, line),
        colour: "ink",
        wash: "inkWash",
        ink: "ink",
        label: (value) => words(perSecond(value)),
      }],
    });
    const lost = rateTrack(axis, failuresOf(requests), line);
    this.#failed.draw({
      axis,
      format: perSecond,
      notes,
      lines: [{
        name: "failed",
        track: lost,
        colour: "bad",
        wash: "badWash",
        ink: "bad",
        label: (value) => `${words({ ...perSecond(value), unit: "" })} failed`,
      }],
    });
    this.#distribution.update({ axis, step: cell, ...requests }, isAll);
    setText(
      this.#of,
      route === "" ? "all requests, log scale" : `${route}, log scale`,
    );
    this.#heat.draw({
      axis,
      distribution: this.#distribution,
      format: seconds,
      things: "requests",
      ...traces === null
        ? {}
        : { marks: traces.map((each) => markOf(each, axis.to)) },
    });
    this.#selection.hidden = selection === null;
    if (selection !== null) {
      setText(
        this.#selection,
        `${utc.seconds(selection.from)} to ${utc.seconds(selection.to)} ✕`,
      );
    }
  }
}

/** Makes the mark of a trace, at its end: there its request was counted. */
export function markOf(trace: TraceSummary, now: number): TraceMark {
  const { id, ms, failed, method, route, root, cause } = trace;
  const time = endOfTrace(trace);
  return {
    id,
    time,
    value: ms / 1000,
    isFailed: failed,
    tip: () => ({
      title: routeKey(method, route) || root,
      rows: [
        {
          name: failed ? "✕ failed after" : "took",
          value: words(seconds(ms / 1000)),
        },
        ...cause === "" ? [] : [{ name: cause, value: "" }],
      ],
      foot: `${ago(time, now)}; click opens the trace`,
      opens: true,
    }),
  };
}

/** The lists that hold traces: the latest, the slowest, the failed. */
import type { TraceList } from "../protocol_traces.ts";
import type { KeptTrace } from "./kept_trace.ts";
import { routeOf } from "./route.ts";

/** Names of the lists. */
export type ListName = TraceList["list"];

/** Maximum number of traces in each list. */
export const MAX_LISTED = 100;

/** Slowest traces of one route that are kept of five minutes. */
const SLOWEST_A_WINDOW = 3;

interface Slow {
  readonly trace: KeptTrace;
  readonly route: string;
  readonly window: number;
  readonly seconds: number;
}

/** Holds traces by reference; says which ones no list holds any longer. */
export class TraceLists {
  readonly #latest = new Set<KeptTrace>();
  readonly #failed = new Set<KeptTrace>();
  #slowest: Slow[] = [];
  readonly #released: (trace: KeptTrace) => void;

  /** `released` is called with each trace that has left the last list. */
  constructor(released: (trace: KeptTrace) => void) {
    this.#released = released;
  }

  /** Numbers of traces, by list. */
  get counts(): Readonly<Record<ListName, number>> {
    return {
      latest: this.#latest.size,
      slowest: this.#slowest.length,
      failed: this.#failed.size,
    };
  }

  /** Returns a list: the newest first, or the slowest first. */
  traces(list: ListName): KeptTrace[] {
    if (list === "latest") return [...this.#latest].reverse();
    if (list === "failed") return [...this.#failed].reverse();
    return [...this.#slowest].sort((a, b) => b.seconds - a.seconds)
      .map(({ trace }) => trace);
  }

  /**
   * Adds a trace that has closed in `window`, a number of five minutes. A trace
   * that is listed moves to its new place.
   */
  add(trace: KeptTrace, window: number): void {
    trace.holders++; // keeps the trace while it moves
    this.#remove(trace);
    this.#hold(this.#latest, trace);
    if (trace.failed) this.#hold(this.#failed, trace);
    this.#addSlow(trace, window);
    this.#drop(trace);
  }

  /** Removes one trace from the longest list. Returns false if all are empty. */
  shorten(): boolean {
    const { latest, slowest, failed } = this.counts;
    if (latest + slowest + failed === 0) return false;
    if (latest >= slowest && latest >= failed) this.#dropOldest(this.#latest);
    else if (failed >= slowest) this.#dropOldest(this.#failed);
    else this.#dropSlow(this.#leastSlow());
    return true;
  }

  #hold(list: Set<KeptTrace>, trace: KeptTrace): void {
    list.add(trace);
    trace.holders++;
    if (list.size > MAX_LISTED) this.#dropOldest(list);
  }

  #dropOldest(list: Set<KeptTrace>): void {
    const [oldest] = list;
    list.delete(oldest!);
    this.#drop(oldest!);
  }

  #addSlow(trace: KeptTrace, window: number): void {
    const { seconds } = trace;
    const route = routeOf(trace.root);
    const rivals = this.#slowest.filter((slow) =>
      slow.window === window && slow.route === route
    );
    if (rivals.length >= SLOWEST_A_WINDOW) {
      const least = rivals.reduce((a, b) => b.seconds < a.seconds ? b : a);
      if (least.seconds >= seconds) return;
      this.#dropSlow(least);
    }
    this.#slowest.push({ trace, route, window, seconds });
    trace.holders++;
    if (this.#slowest.length > MAX_LISTED) this.#dropSlow(this.#leastSlow());
  }

  /** Returns the fastest one of the oldest window. */
  #leastSlow(): Slow {
    return this.#slowest.reduce((a, b) =>
      b.window < a.window || (b.window === a.window && b.seconds < a.seconds)
        ? b
        : a
    );
  }

  #dropSlow(slow: Slow): void {
    this.#slowest.splice(this.#slowest.indexOf(slow), 1);
    this.#drop(slow.trace);
  }

  #remove(trace: KeptTrace): void {
    if (this.#latest.delete(trace)) this.#drop(trace);
    if (this.#failed.delete(trace)) this.#drop(trace);
    const slow = this.#slowest.find((slow) => slow.trace === trace);
    if (slow !== undefined) this.#dropSlow(slow);
  }

  #drop(trace: KeptTrace): void {
    if (--trace.holders === 0) this.#released(trace);
  }
}

/**
 * Applies all rules every 10 seconds to what was observed, and orders what they
 * find: the worst first.
 *
 * The judge knows neither registry nor clock nor bus; see `watch.ts`. Times are
 * seconds since its start, slots are those of the rules.
 */
import { callSafely } from "../../base/internal.ts";
import type { Finding, Findings } from "../protocol.ts";
import type { FindingState } from "./finding_state.ts";
import { LateLoop } from "./loop.ts";
import { ITEMS, Loss } from "./loss.ts";
import { FullFamily, isNearlyFull, NearlyFullFamily } from "./overflow.ts";
import { FAILING_SLOT } from "./failing.ts";
import { Routes } from "./routes.ts";
import { FailingSource } from "./source.ts";

/** Seconds between two judgements. */
export const PERIOD = 10;

/** The number of rules. */
const RULES = 6;

/** Maximum number of families, and of sources, that are judged at a time. */
const MAX_STATES = 1000;

/** Returns the cause of a finding; empty if it is not known. */
export type CauseOf = (finding: Finding) => string;

/** Findings that have opened or closed. */
export interface Judgement {
  readonly opened: readonly Finding[];
  readonly closed: readonly Finding[];
}

/** A family, as far as it can be full. */
export interface FamilySize {
  readonly name: string;
  readonly series: number;
  readonly limit: number | null;
}

/** All rules. */
export class Judge {
  readonly routes: Routes = new Routes();
  readonly losses: Readonly<Record<typeof ITEMS[number], Loss>>;
  #loop: LateLoop | undefined;
  readonly #causeOf: CauseOf;
  readonly #sources = new Map<string, FailingSource>();
  readonly #full = new Map<string, FullFamily>();
  readonly #filling = new Map<string, NearlyFullFamily>();
  /** Numbers of series at the last observation; undefined before the first. */
  #sizes: ReadonlyMap<string, number> | undefined;
  #findings: Findings = { all: [], judged: { routes: 0, rules: RULES } };

  constructor(causeOf: CauseOf = () => "") {
    this.#causeOf = causeOf;
    const [spans, logs, points] = ITEMS.map((items) => new Loss(items)) as [
      Loss,
      Loss,
      Loss,
    ];
    this.losses = { spans, logs, points };
  }

  /** All findings as of the last judgement, worst first. */
  get findings(): Findings {
    return this.#findings;
  }

  /** Counts delays of the event loop; `family` has measured them. */
  observeLoop(
    slot: number,
    family: string,
    lower: number,
    delays: number,
  ): void {
    this.#loop ??= new LateLoop(family);
    this.#loop.observe(slot, lower, delays);
  }

  /** Counts a reading of a source; `error` is undefined if it has succeeded. */
  observeSource(slot: number, name: string, error: string | undefined): void {
    let state = this.#sources.get(name);
    if (state === undefined) {
      if (error === undefined || this.#sources.size >= MAX_STATES) return;
      state = new FailingSource(name);
      this.#sources.set(name, state);
    }
    state.observe(slot, error);
  }

  /** Counts look-ups of new label sets that a family has refused. */
  observeOverflow(slot: number, name: string, lookUps: number): void {
    if (!(lookUps > 0)) return;
    let state = this.#full.get(name);
    if (state === undefined) {
      if (this.#full.size >= MAX_STATES) return;
      state = new FullFamily(name);
      this.#full.set(name, state);
    }
    state.observe(slot, lookUps);
  }

  /** Takes the sizes of all families at the end of `slot`. */
  observeSizes(slot: number, families: Iterable<FamilySize>): void {
    const sizes = new Map<string, number>();
    for (const { name, series, limit } of families) {
      if (limit === null) continue;
      sizes.set(name, series);
      let state = this.#filling.get(name);
      if (state === undefined) {
        if (!isNearlyFull(series, limit)) continue;
        if (this.#filling.size >= MAX_STATES) continue;
        // Series of the first observation have not come since.
        const known = this.#sizes === undefined
          ? series
          : this.#sizes.get(name) ?? 0;
        const isFull = () => this.#full.get(name)?.isOpen === true;
        state = new NearlyFullFamily(name, known, isFull);
        this.#filling.set(name, state);
      }
      state.observe(slot, { series, limit });
    }
    for (const [name, state] of this.#filling) {
      if (!sizes.has(name)) state.observe(slot, { series: 0, limit: 1 });
    }
    this.#sizes = sizes;
  }

  /**
   * Applies all rules at `now`, a multiple of `PERIOD`. `toUnix` converts seconds
   * since the start.
   */
  judge(now: number, toUnix: (time: number) => number): Judgement {
    const opened: Finding[] = [];
    const closed: Finding[] = [];
    const reported: Finding[] = [];
    this.routes.forget(now / FAILING_SLOT);
    for (const state of this.#states()) {
      const what = state.judge(now);
      if (what === undefined && !state.isReported(now)) continue;
      if (state.isOpen) this.#findCause(state, what === "opened", toUnix);
      const finding = state.toFinding(toUnix);
      if (state.isReported(now)) reported.push(finding);
      if (what === "opened") opened.push(finding);
      if (what === "closed") closed.push(finding);
    }
    this.#forget(now);
    const { leftOut } = this.routes;
    this.#findings = {
      all: reported.sort(worstFirst),
      judged: {
        routes: this.routes.size,
        rules: RULES,
        ...leftOut > 0 && { leftOut },
      },
    };
    return { opened, closed };
  }

  *#states(): Generator<FindingState> {
    yield* this.routes.states();
    if (this.#loop !== undefined) yield this.#loop;
    // Full before nearly full, which depends on it.
    yield* this.#full.values();
    yield* this.#filling.values();
    yield* Object.values(this.losses);
    yield* this.#sources.values();
  }

  #findCause(
    state: FindingState,
    isNew: boolean,
    toUnix: (time: number) => number,
  ): void {
    if (state instanceof FailingSource) return; // it has reported its error
    if (isNew) state.cause = "";
    const cause = callSafely(this.#causeOf, state.toFinding(toUnix));
    // Traces make room for others: the cause that was known stays.
    if (typeof cause === "string" && cause !== "") state.cause = cause;
  }

  #forget(now: number): void {
    for (const [name, state] of this.#sources) {
      if (!state.isReported(now) && state.isCalm(now)) {
        this.#sources.delete(name);
      }
    }
    for (const [name, state] of this.#full) {
      if (!state.isReported(now)) this.#full.delete(name);
    }
    for (const [name, state] of this.#filling) {
      if (!state.isReported(now) && !state.isNearlyFull) {
        this.#filling.delete(name);
      }
    }
  }
}

const RANKS: Readonly<Record<Finding["rule"], number>> = {
  failing: 0,
  slow: 1,
  loop: 2,
  source: 3,
  loss: 4,
  overflow: 5,
};

/** Open ones first, then by rule, then by how bad it is. */
function worstFirst(a: Finding, b: Finding): number {
  const isClosed = (finding: Finding) => finding.until === null ? 0 : 1;
  return isClosed(a) - isClosed(b) || RANKS[a.rule] - RANKS[b.rule] ||
    badness(b) - badness(a) || (a.id < b.id ? -1 : 1);
}

function badness({ rule, k, n, window, usual }: Finding): number {
  // All routes share one service: requests that fail a second are a share of
  // its users.
  if (rule === "failing") return window > 0 ? k / window : 0;
  const share = n > 0 ? k / n : 0;
  return rule === "slow" && usual !== null ? share / usual : share;
}

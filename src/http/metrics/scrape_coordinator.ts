/**
 * Stage 2 of a scrape: coordinates the scrapes of one source.
 *
 * - Each scrape waits for sources until its own deadline. The refreshes are shared:
 *   one of each part for all.
 * - Then scrapes share a body below 256 KiB, if they have the same format, coding,
 *   selection and parts. A larger body is written for each scrape. A scrape that
 *   begins later collects the source again.
 * - At most `maxInFlight` scrapes write at the same time. Others wait for their
 *   turn, as many as `MAX_WAITING` allows. A scrape waits for its reader up to
 *   `timeout` at a time.
 * - Errors of sources and observers never escape.
 */
import type { Clock } from "../../base/mod.ts";
import { callSafely } from "../../base/internal.ts";
import type { ExposeOptions } from "../../encode/mod.ts";
import {
  Labels,
  type Rows,
  type ScrapeObserver,
  type ScrapeReport,
  type Sink,
  type Source,
} from "../../model/mod.ts";
import {
  canRefresh,
  descsOf,
  type FleetSource,
  isFleet,
  MISSING,
  nameOf,
  partsOf,
  reportFailure,
  reportScrape,
  rowsOf,
  trustSource,
} from "../../model/internal.ts";
import {
  type Body,
  BodyWriter,
  type BodyWriterOptions,
} from "./body_writer.ts";
import { Refreshes } from "./refreshes.ts";
import { familyFilter, type ScrapeRequest } from "./scrape_request.ts";
import type { ScrapeCost } from "./time_sliced.ts";

/** The result of a scrape. */
export type Scrape =
  | Body
  /** The source has parts, and none of them could be collected. */
  | { readonly state: "failed" }
  /** Too many other scrapes are in progress, or too many bodies being read. */
  | { readonly state: "refused" };

/** Options of a coordinator, all of them required. */
export interface CoordinatorOptions extends BodyWriterOptions {
  /** The maximum number of scrapes that collect or write. */
  readonly maxInFlight: number;
  readonly observer: ScrapeObserver | undefined;
}

/** A body in progress that other scrapes can share. */
interface Writing {
  readonly absent: Absent;
  readonly patience: Patience;
  readonly scrape: Promise<Scrape>;
}

/** The patience of a scrape, and of all that share its body. */
interface Patience {
  /** The time, of the clock `mono`, until which the body may wait for its turn. */
  until: number;
}

/** The parts that failed to refresh or were late, with the reason. */
type Absent = ReadonlyMap<Source, unknown>;

const NONE: Absent = new Map();

/** The reason of a part that was too late for a client with less patience. */
const CUT = Symbol();

/** The maximum number of scrapes that wait, for each one that may write. */
const MAX_WAITING = 100;

/** Runs the scrapes of one source; overlapping ones share their work. */
export class ScrapeCoordinator {
  readonly #source: Source;
  readonly #options: CoordinatorOptions;
  readonly #clock: Clock;
  /** Bodies in progress, by format, coding and selection. */
  readonly #writing = new Map<string, Writing>();
  /** The scrapes that wait for their turn to write, the first one first. */
  readonly #turns: (() => void)[] = [];
  readonly #refreshes = new Refreshes();
  readonly #writer: BodyWriter;
  #inFlight = 0;
  #waiting = 0;

  constructor(source: Source, options: CoordinatorOptions) {
    this.#source = source;
    this.#options = options;
    this.#clock = options.clock;
    this.#writer = new BodyWriter(options);
  }

  /**
   * Shares the body in progress that answers `request`, or else refreshes the
   * source and writes a new one. Never rejects.
   */
  async scrape(request: ScrapeRequest): Promise<Scrape> {
    const { format, coding, names } = request;
    const cost = { start: this.#clock.mono(), blocked: 0, bytes: 0 };
    const selection = names && JSON.stringify(names);
    const key = `${format.contentType}\n${coding}\n${selection}`;
    let { seconds } = request;
    const fleet = isFleet(this.#source) ? this.#source : undefined;
    let running = this.#writing.get(key);
    // A body that was begun earlier may lack counts that another member has
    // published since.
    let isAlone = fleet !== undefined;
    if (!isAlone && running?.absent.size === 0) {
      const shared = await this.#share(running, seconds);
      // A stream can be read only once, by the request that started it.
      if (shared.state !== "stream") return shared;
      isAlone = true;
      seconds -= this.#clock.mono() - cost.start;
    }
    let parts: readonly Source[];
    let absent = NONE;
    try {
      parts = selected(fleet?.own ?? this.#source, request);
      if (parts.some(canRefresh)) {
        if (!this.#mayWait()) return this.#refuse(cost);
        this.#waiting++;
        absent = await this.#refresh(parts, seconds);
        this.#waiting--;
      }
      if (fleet !== undefined) {
        absent = this.#gather(fleet, absent);
        parts = [...selected(fleet, request), ...absent.keys()];
      }
    } catch (error) {
      // Errors of parts are caught one by one; this one is the source's own: its
      // list of parts threw.
      return this.#failAll(error, cost);
    }
    running = this.#writing.get(key);
    if (!isAlone && running !== undefined && isSame(running.absent, absent)) {
      const shared = await this.#share(running, seconds);
      if (shared.state !== "stream") return shared;
      isAlone = true;
    }
    const patience = { until: this.#clock.mono() + request.seconds };
    const scrape = this.#write(request, parts, absent, cost, patience);
    if (isAlone) return await scrape;
    const writing = { absent, patience, scrape };
    this.#writing.set(key, writing);
    await scrape;
    if (this.#writing.get(key) === writing) this.#writing.delete(key);
    return await scrape;
  }

  /** Waits for a body in progress, which then waits as long as this scrape may. */
  #share({ patience, scrape }: Writing, seconds: number): Promise<Scrape> {
    const until = this.#clock.mono() + seconds;
    patience.until = Math.max(patience.until, until);
    return scrape;
  }

  /** Returns whether another scrape may wait, for sources or for its turn. */
  #mayWait(): boolean {
    return this.#waiting < MAX_WAITING * this.#options.maxInFlight;
  }

  /** Brings a fleet up to date; returns the absent parts with those that failed. */
  #gather(fleet: FleetSource, absent: Absent): Absent {
    const { observer } = this.#options;
    const all = new Map(absent);
    fleet.gather(new Set(absent.keys()), (part, error) => {
      all.set(part, CUT); // the fleet has notified its registry
      callSafely(() => observer?.failed?.(part, error), undefined);
    });
    return all;
  }

  /** Waits until the scrape may write. Returns false if it must not. */
  async #turn(patience: Patience): Promise<boolean> {
    if (this.#inFlight < this.#options.maxInFlight) {
      this.#inFlight++;
      return true;
    }
    if (!this.#mayWait()) return false;
    this.#waiting++;
    await new Promise<void>((resolve) => this.#turns.push(resolve));
    this.#waiting--;
    if (this.#clock.mono() <= patience.until) return true;
    this.#endTurn(); // its clients have given up
    return false;
  }

  /** Passes the turn on to the scrape that has waited for longest. */
  #endTurn(): void {
    const next = this.#turns.shift();
    if (next === undefined) this.#inFlight--;
    else next();
  }

  /** Writes a body in its turn. Never rejects. */
  async #write(
    request: ScrapeRequest,
    parts: readonly Source[],
    absent: Absent,
    cost: ScrapeCost,
    patience: Patience,
  ): Promise<Scrape> {
    // Let scrape() register this body before any source runs: a source that
    // causes another scrape must share it.
    await undefined;
    if (!await this.#turn(patience)) return this.#refuse(cost);
    try {
      // A stream is no longer in flight: how long it is read, its client decides.
      return await this.#collect(request, parts, absent, cost);
    } catch (error) {
      return this.#failAll(error, cost);
    } finally {
      this.#endTurn();
    }
  }

  async #collect(
    request: ScrapeRequest,
    parts: readonly Source[],
    absent: Absent,
    cost: ScrapeCost,
  ): Promise<Scrape> {
    const { format, names } = request;
    const only = names && familyFilter(names, format);
    const missing = new Set<string>();
    let failures = 0;
    const failed = (part: Source, error: unknown): void => {
      failures++;
      missing.add(nameOf(part));
      this.#fail(part, error);
    };
    for (const [part, reason] of absent) {
      // The client had too little patience: the source is not to blame.
      if (reason === CUT) missing.add(nameOf(part));
      else failed(part, reason);
    }
    const present = absent.size === 0
      ? parts
      : parts.filter((part) => !absent.has(part));
    let numbers = 0;
    for (const part of present) {
      const rows = rowsOf(part);
      if (rows !== undefined) numbers += numbersOf(rows);
    }
    const last: Source = trustSource({
      descs: [MISSING],
      collect: (sink) => {
        if (missing.size > 0) writeMissing(missing, sink);
      },
    });
    const all = [...present, last];
    const source = trustSource({ descs: [], parts: all, collect() {} });
    // Complete: what is absent could be inherited from `Object.prototype`.
    const options: ExposeOptions = {
      observer: { failed },
      only,
      except: undefined,
      sizeHint: undefined,
    } satisfies Record<keyof ExposeOptions, unknown>;
    const scrape = await this.#writer.write({
      request,
      source,
      numbers,
      options,
      cost,
      onEnd: (outcome) => this.#end(cost, outcome),
    });
    if (scrape.state === "stream") return scrape; // it reports its end itself
    if (scrape.state === "refused") return this.#refuse(cost);
    if (failures > 0 && failures >= parts.length) {
      this.#end(cost, "failed");
      return { state: "failed" };
    }
    this.#end(cost, "served");
    return scrape;
  }

  /** Refreshes `parts` in `seconds`; returns those that failed or were late. */
  async #refresh(parts: readonly Source[], seconds: number): Promise<Absent> {
    const { timeout, timers } = this.#options;
    const late = new AbortController();
    // The timer holds the process, because it must fire even if nothing else
    // does; it is cancelled as soon as all sources have answered.
    const reason = new DOMException(
      `not ready within ${seconds} s`,
      "TimeoutError",
    );
    const cancel = timers.after(seconds, () => late.abort(reason), {
      holds: true,
    });
    try {
      const absent = await this.#refreshes.wait(parts, late.signal);
      if (seconds >= timeout) return absent;
      return new Map(
        [...absent].map(([part, error]) => [
          part,
          error === reason ? CUT : error,
        ]),
      );
    } finally {
      cancel();
    }
  }

  #refuse(cost: ScrapeCost): Scrape {
    this.#end(cost, "refused");
    return { state: "refused" };
  }

  /** Reports an error of the source itself. */
  #failAll(error: unknown, cost: ScrapeCost): Scrape {
    this.#fail(this.#source, error);
    this.#end(cost, "failed");
    return { state: "failed" };
  }

  #fail(part: Source, error: unknown): void {
    reportFailure(this.#source, part, error, this.#options.observer);
  }

  /** Reports the end of a scrape. */
  #end(
    { start, blocked, bytes }: ScrapeCost,
    outcome: ScrapeReport["outcome"],
  ): void {
    const seconds = this.#clock.mono() - start;
    const report = { outcome, seconds, blocked, bytes };
    reportScrape(this.#source, report, this.#options.observer);
  }
}

/** Returns the parts of `source` that a request selects. */
function selected(
  source: Source,
  { format, names }: ScrapeRequest,
): readonly Source[] {
  const parts = partsOf(source);
  if (names === undefined) return parts;
  const only = familyFilter(names, format);
  return parts.filter((part) => descsOf(part).some(only));
}

/** Returns whether the same parts are absent, for the same kind of reason. */
function isSame(a: Absent, b: Absent): boolean {
  if (a.size !== b.size) return false;
  for (const [part, reason] of a) {
    if (!b.has(part) || (reason === CUT) !== (b.get(part) === CUT)) {
      return false;
    }
  }
  return true;
}

/** Returns how many numbers `rows` have; 0 if they throw, as collecting will. */
function numbersOf(rows: Rows): number {
  try {
    return rows.length * rows.width;
  } catch {
    return 0;
  }
}

/** Writes one series for each source that is missing from the exposition. */
function writeMissing(names: ReadonlySet<string>, sink: Sink): void {
  if (!sink.family(MISSING)) return;
  for (const name of names) {
    sink.number(new Labels(MISSING.labelNames, [name]), 1, 0);
  }
}

/**
 * The life of a finding: it opens when a rule holds, keeps the terms under which
 * it opened, closes when the trouble has ended, and is reported for 10 minutes
 * more.
 *
 * - Evidence counts once: nothing before the closing of a finding opens it again.
 * - Times are seconds since the judge has started, until `toFinding`.
 */
import type { Finding, Rule } from "../protocol.ts";

/** Seconds for which a closed finding is reported. */
export const TOLD = 600;

/** The part of a finding that a rule decides. Shapes: see `Finding`. */
export interface Evidence {
  readonly window: number;
  readonly k: number;
  readonly n: number;
  readonly usual: number | null;
  readonly limit: number | null;
  readonly above: number | null;
  readonly since: number;
  readonly isSinceExact: boolean;
  readonly threshold: string;
}

/** Facts about the subject of a finding. */
export interface About {
  readonly id: string;
  readonly rule: Rule;
  readonly subject: Readonly<Record<string, string>>;
  readonly family: string | null;
}

/** One rule on one subject. */
export abstract class FindingState {
  readonly about: About;
  /** The cause, as far as it is known; empty if it is not. */
  cause = "";
  #evidence: Evidence | undefined;
  #opened = 0;
  /** End of the trouble; undefined while it lasts. */
  #until: number | undefined;
  #closed = -Infinity;

  constructor(about: About) {
    this.about = about;
  }

  /** Whether the trouble lasts. */
  get isOpen(): boolean {
    return this.#evidence !== undefined && this.#until === undefined;
  }

  /** The evidence of the newest finding; undefined before the first one. */
  get evidence(): Evidence | undefined {
    return this.#evidence;
  }

  /** Whether there is a finding to report at `now`. */
  isReported(now: number): boolean {
    return this.isOpen || now - this.#closed < TOLD;
  }

  /** Applies the rule at `now`. Returns what has happened; undefined: nothing. */
  judge(now: number): "opened" | "closed" | undefined {
    if (!this.isOpen) {
      const evidence = this.find(now, Math.max(0, this.#closed));
      if (evidence === undefined) return undefined;
      this.#evidence = evidence;
      this.#opened = now;
      this.#until = undefined;
      return "opened";
    }
    // End before renewal: a long window shows trouble after it has ended.
    const { since, isSinceExact } = this.#evidence!;
    const end = this.endOf(now, this.#evidence!);
    if (end === undefined) {
      const renewed = this.renew(now, this.#evidence!);
      if (renewed) this.#evidence = { ...renewed, since, isSinceExact };
      return undefined;
    }
    this.#until = end;
    this.#closed = now;
    this.closed(end);
    return "closed";
  }

  /** Returns the newest finding. `toUnix` converts seconds since the start. */
  toFinding(toUnix: (time: number) => number): Finding {
    const { about } = this;
    const { since, ...rest } = this.#evidence!;
    return {
      ...about,
      ...rest,
      since: toUnix(since),
      opened: toUnix(this.#opened),
      until: this.#until === undefined ? null : toUnix(this.#until),
      cause: this.cause,
    };
  }

  /**
   * Returns the evidence if the rule holds at `now`, from cases since `after`
   * alone; undefined if it does not hold. The evidence opens a finding.
   */
  protected abstract find(now: number, after: number): Evidence | undefined;

  /** Like `find`, for the open finding, under the terms of its opening. */
  protected abstract renew(
    now: number,
    evidence: Evidence,
  ): Evidence | undefined;

  /** Returns the end of the trouble; undefined while it may last. */
  protected abstract endOf(now: number, evidence: Evidence): number | undefined;

  /** Called when the finding has closed. */
  protected closed(_until: number): void {}
}

/**
 * A source of metrics that fails twice in a row. One failure is no finding: most
 * services have one in an hour.
 */
import { type Evidence, FindingState } from "./finding_state.ts";
import { SlotCounts } from "./slot_counts.ts";

/** Seconds between two readings of sources. */
export const SOURCE_SLOT = 10;

/** Number of failures in a row that open a finding. */
const IN_A_ROW = 2;

/** Seconds without a failure that close it. */
const CALM = 60;

const [READ, FAILED] = [0, 1];

/** The rule `source` for one source. */
export class FailingSource extends FindingState {
  readonly #counts = new SlotCounts(2, SOURCE_SLOT);
  /** The first slot of the failures in a row; undefined without any. */
  #first: number | undefined;
  #last = 0;

  constructor(name: string) {
    super({
      id: `source:${name}`,
      rule: "source",
      subject: { source: name },
      family: null,
    });
  }

  /** Counts a reading in `slot`; `error` is undefined if it has succeeded. */
  observe(slot: number, error: string | undefined): void {
    this.#counts.add(slot, READ, 1);
    if (error === undefined) {
      if (!this.isOpen) this.#first = undefined;
      return;
    }
    this.#counts.add(slot, FAILED, 1);
    this.cause = error;
    this.#first ??= slot;
    this.#last = slot;
  }

  /** Returns whether it has not failed lately. */
  isCalm(now: number): boolean {
    return now - (this.#last + 1) * SOURCE_SLOT >= CALM;
  }

  protected override find(now: number, after: number): Evidence | undefined {
    const end = Math.floor(now / SOURCE_SLOT);
    const from = Math.max(end - IN_A_ROW, Math.ceil(after / SOURCE_SLOT));
    if (this.#counts.sum(FAILED, from, end) < IN_A_ROW) return undefined;
    return this.#evidence(now);
  }

  protected override renew(now: number): Evidence | undefined {
    const end = Math.floor(now / SOURCE_SLOT);
    return this.#last === end - 1 ? this.#evidence(now) : undefined;
  }

  protected override endOf(now: number): number | undefined {
    return this.isCalm(now) ? (this.#last + 1) * SOURCE_SLOT : undefined;
  }

  protected override closed(): void {
    this.#first = undefined;
  }

  #evidence(now: number): Evidence {
    const first = this.#first ?? this.#last;
    const end = Math.floor(now / SOURCE_SLOT);
    const from = Math.max(first, this.#counts.oldest);
    return {
      window: (end - from) * SOURCE_SLOT,
      k: this.#counts.sum(FAILED, from, end),
      n: this.#counts.sum(READ, from, end),
      usual: null,
      limit: null,
      above: null,
      since: first * SOURCE_SLOT,
      isSinceExact: first > 0,
      threshold:
        `The source has failed ${IN_A_ROW} times in a row; it is read every ` +
        `${SOURCE_SLOT} s.`,
    };
  }
}

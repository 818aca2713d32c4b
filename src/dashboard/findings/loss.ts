/** Telemetry that gets lost: spans, log events or points of metrics. */
import type { Counted } from "./share.ts";
import { PARTS, ShareState, type Terms, type Window } from "./share_state.ts";
import { SlotCounts } from "./slot_counts.ts";
import { percent, span } from "./words.ts";

/** Seconds of a slot. */
export const LOSS_SLOT = 10;

/** The kinds of telemetry, which the names of metrics contain. */
export const ITEMS = ["spans", "logs", "points"] as const;

/**
 * Five minutes, with losses in parts of the last minute. Points are sent once a
 * minute: their losses are in parts of all five.
 */
const WINDOWS: Readonly<Record<typeof ITEMS[number], Window>> = {
  spans: { slots: 300 / LOSS_SLOT, part: 1 },
  logs: { slots: 300 / LOSS_SLOT, part: 1 },
  points: { slots: 300 / LOSS_SLOT, part: 5 },
};

const LIMIT = 0.01;
const MINIMUM = 5;
const SPREAD = 3;

const [ALL, LOST] = [0, 1];

/** The rule `loss` for one kind of telemetry. */
export class Loss extends ShareState {
  readonly #window: Window;

  constructor(items: typeof ITEMS[number]) {
    super({
      id: `loss:${items}`,
      rule: "loss",
      subject: { items },
      family: `barograph_${items}_lost_total`,
    }, new SlotCounts(2, LOSS_SLOT));
    this.#window = WINDOWS[items];
  }

  /** Counts items in `slot`, of which `lost` were lost or refused. */
  observe(slot: number, items: number, lost: number): void {
    this.counts.add(slot, ALL, items);
    this.counts.add(slot, LOST, lost);
  }

  protected override terms(): readonly Terms[] {
    return [{
      usual: null,
      limit: LIMIT,
      above: null,
      minimum: MINIMUM,
      spread: SPREAD,
      windows: [this.#window],
      share: (k, n) => k / n,
      isCounted: true,
      count: (from, to) => this.#count(from, to),
      threshold: (seconds) =>
        `More than ${percent(LIMIT)} of ${
          span(seconds)
        } was lost or refused, ` +
        `at least ${MINIMUM}, in ${SPREAD} of ${PARTS} parts.`,
    }];
  }

  #count(from: number, to: number): Counted {
    const k = this.counts.sum(LOST, from, to);
    return { k, n: Math.max(k, this.counts.sum(ALL, from, to)) };
  }
}

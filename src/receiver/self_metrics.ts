/** The metrics of a receiver about itself. */
import type { Clock } from "../base/mod.ts";
import {
  type FamilyDesc,
  Labels,
  type Sink,
  type Source,
} from "../model/mod.ts";
import { descFrom, trustSource } from "../model/internal.ts";
import type { Reason } from "./rejection.ts";
import type { Outcome } from "./ingest.ts";
import type { SeriesStore } from "./series_store.ts";

const REQUESTS = descFrom({
  name: "barograph_receiver_requests_total",
  type: "counter",
  help: "Answered requests, by status code.",
  labelNames: ["code"],
});

const POINTS = descFrom({
  name: "barograph_receiver_points_total",
  type: "counter",
  help: "Accepted data points.",
});

const REJECTED = descFrom({
  name: "barograph_receiver_rejected_points_total",
  type: "counter",
  help: "Rejected data points, by reason.",
  labelNames: ["reason"],
});

const FAULTS = descFrom({
  name: "barograph_receiver_delta_faults_total",
  type: "counter",
  help: "Delta points that do not begin where the last one ended, by fault.",
  labelNames: ["fault"],
});

const SENDERS = descFrom({
  name: "barograph_receiver_senders",
  type: "gauge",
  help: "Senders with retained series.",
});

const SERIES = descFrom({
  name: "barograph_receiver_series",
  type: "gauge",
  help: "Received series that are retained.",
});

const HIDDEN = descFrom({
  name: "barograph_receiver_hidden_families",
  type: "gauge",
  help: "Received families hidden by a family that the registry declares.",
});

/** Counts requests and points, and writes them with the state of the store. */
export class ReceiverMetrics implements Source {
  readonly descs: readonly FamilyDesc[] = [
    REQUESTS,
    POINTS,
    REJECTED,
    FAULTS,
    SENDERS,
    SERIES,
    HIDDEN,
  ];
  readonly requests: Map<number, number> = new Map();
  readonly rejected: Map<Reason, number> = new Map();
  points = 0;
  hidden = 0;
  readonly #store: SeriesStore;
  readonly #start: number;

  constructor(store: SeriesStore, clock: Clock) {
    this.#store = store;
    this.#start = clock.unix();
    trustSource(this);
  }

  /** Counts an answered request. */
  answered(code: number): void {
    this.requests.set(code, (this.requests.get(code) ?? 0) + 1);
  }

  /** Counts the points of a request. */
  took({ accepted, rejected }: Outcome): void {
    this.points += accepted;
    for (const [reason, count] of rejected) {
      this.rejected.set(reason, (this.rejected.get(reason) ?? 0) + count);
    }
  }

  collect(sink: Sink): void {
    const start = this.#start;
    const { faults, senders, size } = this.#store;
    const counts = (
      desc: FamilyDesc,
      entries: Iterable<readonly [string | number, number]>,
    ): void => {
      if (!sink.family(desc)) return;
      for (const [key, count] of entries) {
        sink.number(new Labels(desc.labelNames, [String(key)]), count, start);
      }
    };
    counts(REQUESTS, this.requests);
    if (sink.family(POINTS)) sink.number(Labels.NONE, this.points, start);
    counts(REJECTED, this.rejected);
    counts(FAULTS, Object.entries(faults));
    const gauges = [
      [SENDERS, senders.size],
      [SERIES, size],
      [HIDDEN, this.hidden],
    ] as const;
    for (const [desc, value] of gauges) {
      if (sink.family(desc)) sink.number(Labels.NONE, value, 0);
    }
  }
}

/** The received families as one source, whose parts come and go. */
import type { FamilyDesc, Sink, Source } from "../model/mod.ts";
import { ROLE, trustSource } from "../model/internal.ts";
import type { ReceiverMetrics } from "./self_metrics.ts";
import type { SeriesStore } from "./series_store.ts";

/** Settings of a `ReceivedSource`. */
export interface ReceivedOptions {
  readonly store: SeriesStore;
  readonly metrics: ReceiverMetrics;
  /** Whether `metrics` are exposed, too. */
  readonly exposesMetrics: boolean;
  /** Returns the time of the monotonic clock. */
  readonly now: () => number;
  /** Called when a registry drops the source for a later one. */
  readonly onDrop: () => void;
}

/**
 * A source of all received families. A family that has the name of one that the
 * registry has declared later is hidden, and counted.
 */
export class ReceivedSource implements Source, Disposable {
  readonly descs: readonly FamilyDesc[];
  readonly [ROLE] = "otlp-receiver";
  readonly #options: ReceivedOptions;

  constructor(options: ReceivedOptions) {
    this.#options = options;
    this.descs = options.exposesMetrics ? options.metrics.descs : [];
    trustSource(this);
  }

  get parts(): readonly Source[] {
    const { store, metrics, exposesMetrics, now } = this.#options;
    store.sweep(now());
    const all = [...store.families.values()];
    const free = all.filter((family) => store.isFree(family));
    metrics.hidden = all.length - free.length;
    return exposesMetrics ? [...free, metrics] : free;
  }

  collect(sink: Sink): void {
    for (const part of this.parts) part.collect(sink);
  }

  [Symbol.dispose](): void {
    this.#options.onDrop();
  }
}

/** The public side of everything that pushes metrics. */
import type { ExporterStats } from "./delivery.ts";
import type { PointStats } from "./push_target.ts";

/**
 * Counts of pushes. A push is `exported` once the receiver has accepted all of
 * its requests, `lost` if a newer one has replaced it, if it was too old or if
 * the pusher was shut down.
 */
export interface PushStats extends ExporterStats {
  /** Counts of the points in these pushes. */
  readonly points: PointStats;
}

/** Pushes the metrics of a source. */
export interface MetricPusher extends AsyncDisposable {
  /**
   * Collects and sends now, without regard to backoff. Resolves to true once
   * the receiver has accepted it, and to false if it is refused or lost. If
   * `signal` aborts first, resolves to false, and the push is still retried.
   * Never rejects.
   *
   * A call joins a push that is not collected yet.
   */
  push(signal?: AbortSignal): Promise<boolean>;
  /**
   * Pushes the last state for at most `seconds` (default: 5), and stops. Resolves
   * to whether the receiver has accepted it. Later calls return the promise of
   * the first. Never rejects. Disposing does the same.
   */
  shutdown(seconds?: number): Promise<boolean>;
  /** Returns the current counts. */
  stats(): PushStats;
}

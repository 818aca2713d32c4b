/** The facts about a request that its metrics record, under any names. */
import { exponentialBuckets } from "../metrics/mod.ts";

/** Bucket bounds from 64 bytes to 16 MiB, by factors of four. */
export const SIZE_BUCKETS: readonly number[] = /* @__PURE__ */
  exponentialBuckets(64, 4, 10);

/** A request in flight; `RequestMetrics.end` sets what its end decides. */
export interface Exchange {
  readonly request: Request;
  /** Declared size of the request body in bytes. */
  readonly requestSize: number | undefined;
  /** Arrival in seconds of the monotonic clock. */
  readonly start: number;
  /** Seconds until the end. */
  seconds: number;
  /** The route template; "" if there is none. */
  route: string;
  /** The status code of the answer, from 100 to 599. */
  code: number;
  /** Declared size of the sent body in bytes. */
  responseSize: number | undefined;
  /** The class of the error behind a failure; "" if there is none. */
  error: string;
}

/** The options of a receiver. */
import type { Clock, Timers } from "../base/mod.ts";
import {
  CLOCK,
  flag,
  fn,
  oneOf,
  type ReadOptions,
  rule,
  type SchemaOf,
  seconds,
  TIMERS,
  wholeNumber,
} from "../base/internal.ts";
import type { Authorize, Hosts } from "../http/mod.ts";
import { HOSTS } from "../http/internal.ts";
import type { OtelTranslation } from "../model/mod.ts";
import { OTEL_TRANSLATIONS } from "../model/internal.ts";

/** Options of `otlpReceiver`. */
export interface OtlpReceiverOptions {
  /** Decides who may send. Default: everyone who reaches the endpoint. */
  readonly authorize?: Authorize | undefined;
  /**
   * The names by which clients may address the endpoint; others get 403. Default:
   * any. Web pages cannot send in any case: both content types need a preflight
   * request, which is refused.
   */
  readonly hosts?: Hosts | undefined;
  /**
   * Seconds after which a silent sender is removed, with all its series. A
   * single series is removed after the same time; a series of deltas only if
   * its sender has reached `maxSeries`, or all senders `maxMemory`. A point
   * that is earlier than the last one of its series is rejected, unless that
   * one arrived longer ago: then the clock of the sender was set back. Default:
   * 300.
   */
  readonly expiry?: number | undefined;
  /**
   * The answer to `/v1/traces` and `/v1/logs`: `refuse` answers 404, `drop`
   * accepts and drops them, for exporters that log each refusal. Default:
   * `refuse`.
   */
  readonly others?: "refuse" | "drop" | undefined;
  /** How names become names of Prometheus. Default: underscores, with suffixes. */
  readonly translation?: OtelTranslation | undefined;
  /**
   * Whether series have the labels of their instrumentation scope:
   * `otel_scope_name`, `otel_scope_version` and so on. Default: true.
   */
  readonly scopes?: boolean | undefined;
  /** The maximum size of a body in bytes, after decompression. Default: 4 MiB. */
  readonly maxBytes?: number | undefined;
  /** The maximum number of requests in progress; others get 503. Default: 10. */
  readonly maxInFlight?: number | undefined;
  /** Seconds in which a body must have arrived. Default: 10. */
  readonly timeout?: number | undefined;
  /** The maximum number of senders. Default: 100. */
  readonly maxSenders?: number | undefined;
  /** The maximum number of series of a sender. Default: 10 000. */
  readonly maxSeries?: number | undefined;
  /** The maximum number of families, of all senders. Default: 2000. */
  readonly maxFamilies?: number | undefined;
  /**
   * The maximum memory of the series of all senders in bytes, as it is estimated
   * from their labels, buckets and exemplars. Default: 256 MiB.
   */
  readonly maxMemory?: number | undefined;
  /**
   * The maximum length of names and of label values, in UTF-16 code units. Points
   * with longer ones are rejected; attributes of the resource and of the scope
   * are cut. Default: 1024.
   */
  readonly maxLabelLength?: number | undefined;
  /** The clock for `expiry`. Default: the system clock. */
  readonly clock?: Clock | undefined;
  /** The timers for `timeout`. Default: the runtime's timers. */
  readonly timers?: Timers | undefined;
}

/** The rules of the options. */
export const RECEIVER = {
  authorize: fn<Authorize>("(request) => true"),
  hosts: HOSTS,
  expiry: seconds(300),
  others: oneOf(["refuse", "drop"], "refuse"),
  translation: rule<OtelTranslation>(
    (value) => OTEL_TRANSLATIONS.includes(value as OtelTranslation),
    OTEL_TRANSLATIONS.map((name) => `"${name}"`).join(" or "),
    OTEL_TRANSLATIONS[0]!,
  ),
  scopes: flag(true),
  maxBytes: wholeNumber(2 ** 22),
  maxInFlight: wholeNumber(10),
  timeout: seconds(10),
  maxSenders: wholeNumber(100),
  maxSeries: wholeNumber(10_000),
  maxFamilies: wholeNumber(2000),
  maxMemory: wholeNumber(2 ** 28),
  maxLabelLength: wholeNumber(1024),
  clock: CLOCK,
  timers: TIMERS,
} satisfies SchemaOf<OtlpReceiverOptions>;

/** The limits of what is kept. */
export type Limits = Pick<
  ReadOptions<typeof RECEIVER>,
  | "expiry"
  | "maxSenders"
  | "maxSeries"
  | "maxFamilies"
  | "maxMemory"
  | "maxLabelLength"
>;

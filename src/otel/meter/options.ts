/** The options of `asMeterProvider`, and of each instrument. */
import {
  callSafely,
  flag,
  fn,
  isThenable,
  ofType,
  oneOf,
  type ReadOptions,
  readOptions,
  rule,
  type SchemaOf,
  text,
  wholeNumber,
} from "../../base/internal.ts";
import { DEFAULT_BUCKETS, type NativeOptions } from "../../metrics/mod.ts";
import type { OtelTranslation } from "../../model/mod.ts";
import { OTEL_TRANSLATIONS } from "../../model/internal.ts";
import { valueOf } from "../../trace/internal.ts";
import type { OtelAttributes } from "./api.ts";

/** The kinds of instruments, by the methods that create them. */
export type OtelInstrumentKind =
  | "counter"
  | "upDownCounter"
  | "gauge"
  | "histogram"
  | "observableCounter"
  | "observableUpDownCounter"
  | "observableGauge";

/** The instrumentation scope of a meter. */
export interface OtelMeterScope {
  /** The name of the library. */
  readonly name: string;
  /** Its version; empty if it gives none. */
  readonly version: string;
  /** The schema of its names; empty if it gives none. */
  readonly schemaUrl: string;
}

/** An instrument, as the library creates it. */
export interface OtelInstrument {
  /** The name, such as `http.server.request.duration`. */
  readonly name: string;
  /** The kind. */
  readonly kind: OtelInstrumentKind;
  /** The description; may be empty. */
  readonly description: string;
  /** The unit in UCUM; may be empty. */
  readonly unit: string;
  /** The library that creates it. */
  readonly scope: OtelMeterScope;
}

/** Changes to an instrument. */
export interface OtelInstrumentChanges {
  /** Another name, in the words of OpenTelemetry: it is translated, too. */
  readonly name?: string | undefined;
  /** Bucket bounds of a histogram, in place of the library's advice. */
  readonly buckets?: readonly number[] | undefined;
  /** Native buckets of a histogram, in place of classic ones unless both are given. */
  readonly native?: boolean | NativeOptions | undefined;
  /**
   * The keys of the attributes to keep; their labels exist from the start. Or a function that returns the attributes to
   * keep, or others. It is called once per attribute set, so it must always
   * return the same for the same attributes; if it throws, none are kept.
   */
  readonly attributes?:
    | readonly string[]
    | ((attributes: OtelAttributes) => OtelAttributes)
    | undefined;
  /** Whether nothing is recorded. */
  readonly drop?: boolean | undefined;
}

/** Options of `asMeterProvider`. */
export interface MeterProviderOptions {
  /**
   * Called once for each instrument, in place of views; returns what to change.
   * If it throws, nothing is changed; if it returns anything else, the instrument
   * records nothing. A warning says so. Default: nothing is changed.
   */
  readonly instruments?:
    | ((instrument: OtelInstrument) => OtelInstrumentChanges | undefined | void)
    | undefined;
  /**
   * How names become names of Prometheus: `foo.bar` in `By` is
   * `foo_bar_bytes_total`, `foo_bar_total`, `foo.bar_bytes_total` or
   * `foo.bar_total`. Default: `UnderscoreEscapingWithSuffixes`, the first one.
   */
  readonly translation?: OtelTranslation | undefined;
  /**
   * Whether series have the labels `otel_scope_name`, `otel_scope_version` and
   * `otel_scope_schema_url`. Default: true.
   */
  readonly scope?: boolean | undefined;
  /**
   * Attributes of the process, such as `{ "service.name": "shop" }`, which become
   * the metric `target_info`. Default: no such metric.
   */
  readonly resource?: OtelAttributes | undefined;
  /**
   * Maximum number of series of a metric; further attribute sets share its
   * overflow series. Default: 10 000.
   */
  readonly maxSeries?: number | undefined;
  /**
   * Seconds after which a series that records nothing is no longer exposed.
   * Default: never.
   */
  readonly expireAfter?: number | undefined;
  /**
   * Whether measurements within a sampled span can become exemplars: the span of
   * the `context` argument, or else the active one. Default: true.
   */
  readonly exemplars?: boolean | undefined;
}

/** Rules and defaults of `MeterProviderOptions`. */
export const METER_PROVIDER_OPTIONS = {
  instruments: fn<NonNullable<MeterProviderOptions["instruments"]>>(
    '({ name }) => ({ drop: name.startsWith("test.") })',
  ),
  translation: oneOf<OtelTranslation>(OTEL_TRANSLATIONS, OTEL_TRANSLATIONS[0]!),
  scope: flag(true),
  resource: ofType<OtelAttributes>(
    ["object"],
    'attributes, such as { "service.name": "shop" }',
  ),
  maxSeries: wholeNumber(10_000),
  expireAfter: rule<number>(
    (value) => typeof value === "number" && value > 0,
    "seconds above 0",
    Infinity,
  ),
  exemplars: flag(true),
} satisfies SchemaOf<MeterProviderOptions>;

/** Rules of `OtelInstrumentChanges`. */
const CHANGES = {
  name: text("shop.orders"),
  buckets: ofType<readonly number[]>(["array"], "bounds, such as [0.1, 1]"),
  native: ofType<boolean | NativeOptions>(
    ["boolean", "object"],
    "true, or options, such as { schema: 4 }",
  ),
  attributes: ofType<NonNullable<OtelInstrumentChanges["attributes"]>>(
    ["array", "function"],
    'a list, such as ["http.route"], or a function',
  ),
  drop: flag(false),
} satisfies SchemaOf<OtelInstrumentChanges>;

/**
 * Returns what the option `instruments` returned, checked.
 *
 * @throws {TypeError} If a change is unknown or has a wrong value.
 */
export function changesIn(
  given: OtelInstrumentChanges,
): OtelInstrumentChanges {
  const action = "the option instruments returned wrong changes";
  if (!isThenable(given)) return readOptions(action, CHANGES, given);
  throw new TypeError(`${action}: a promise; return an object`);
}

/** Checked options, with defaults filled in. */
export type MeterProviderSettings = ReadOptions<typeof METER_PROVIDER_OPTIONS>;

/** The bounds of the specification, made for milliseconds. */
const OTEL_BUCKETS: readonly number[] = [
  0,
  5,
  10,
  25,
  50,
  75,
  100,
  250,
  500,
  750,
  1000,
  2500,
  5000,
  7500,
  10000,
];

/** Returns the default bounds of a histogram in `unit`. */
export function defaultBuckets(unit: string): readonly number[] {
  return unit === "s" ? DEFAULT_BUCKETS : OTEL_BUCKETS;
}

/** Returns bounds as a rising list of finite numbers; undefined if there are none. */
export function boundsIn(bounds: unknown): readonly number[] | undefined {
  if (!Array.isArray(bounds)) return undefined;
  const finite = bounds.filter((bound) => Number.isFinite(bound)) as number[];
  return [...new Set(finite.map((bound) => bound + 0))].sort((a, b) => a - b);
}

/** The options of an instrument, as far as they are legal. */
export interface ReadMetricOptions {
  readonly description: string;
  readonly unit: string;
  readonly isWhole: boolean;
  readonly buckets: readonly number[] | undefined;
}

/** Units are ASCII texts of up to 63 characters. */
const UNIT = /^[\x20-\x7e]{0,63}$/;

const INT = 0;

/** Reads the options of an instrument, which may be anything. */
export function metricOptionsIn(given: unknown): ReadMetricOptions {
  const [description, unit] = [
    valueOf(given, "description"),
    valueOf(given, "unit"),
  ];
  const advised = valueOf(valueOf(given, "advice"), "explicitBucketBoundaries");
  return {
    description: typeof description === "string" ? description : "",
    unit: typeof unit === "string" && UNIT.test(unit) ? unit.trim() : "",
    isWhole: valueOf(given, "valueType") === INT,
    buckets: callSafely(boundsIn, advised),
  };
}

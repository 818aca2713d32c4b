/** The shapes of meters and their instruments in OpenTelemetry's API. */
import type { OtelContext } from "../../trace/mod.ts";

/** Attributes of a measurement; values are usually texts, numbers and booleans. */
export type OtelAttributes = Readonly<Record<string, unknown>>;

/** Options of an instrument in OpenTelemetry's API. */
export interface OtelMetricOptions {
  /** One sentence for people. */
  readonly description?: string | undefined;
  /** The unit in UCUM, such as `s` or `By`. */
  readonly unit?: string | undefined;
  /** 0 for whole numbers, 1 for any. */
  readonly valueType?: number | undefined;
  /** Advice of the library. */
  readonly advice?: {
    /** Upper bounds of the buckets of a histogram. */
    readonly explicitBucketBoundaries?: readonly number[] | undefined;
  } | undefined;
}

/** A counter, or an up-down counter, in OpenTelemetry's API. */
export interface OtelCounter {
  /** Adds `value`. Never throws. */
  add(value: number, attributes?: OtelAttributes, context?: OtelContext): void;
}

/** A gauge, or a histogram, in OpenTelemetry's API. */
export interface OtelRecorder {
  /** Records `value`. Never throws. */
  record(
    value: number,
    attributes?: OtelAttributes,
    context?: OtelContext,
  ): void;
}

/** Takes the values of one observable instrument. */
export interface OtelObservableResult {
  /** Reports a value; of the same attributes, the last one counts. */
  observe(value: number, attributes?: OtelAttributes): void;
}

/** Takes the values of several observable instruments. */
export interface OtelBatchResult {
  /** Reports a value of one of the instruments. */
  observe(
    instrument: OtelObservable,
    value: number,
    attributes?: OtelAttributes,
  ): void;
}

/** Reports the values of an instrument; may wait. */
export type OtelCallback = (
  result: OtelObservableResult,
) => void | Promise<void>;

/** Reports the values of several instruments; may wait. */
export type OtelBatchCallback = (
  result: OtelBatchResult,
) => void | Promise<void>;

/** An instrument whose values are observed when they are collected. */
export interface OtelObservable {
  /** Adds a callback, once. */
  addCallback(callback: OtelCallback): void;
  /** Removes a callback. */
  removeCallback(callback: OtelCallback): void;
}

/** A meter in the shape of OpenTelemetry's API. */
export interface OtelMeter {
  /** Returns a counter. */
  createCounter(name: string, options?: OtelMetricOptions): OtelCounter;
  /** Returns a counter that can go down. */
  createUpDownCounter(name: string, options?: OtelMetricOptions): OtelCounter;
  /** Returns a gauge. */
  createGauge(name: string, options?: OtelMetricOptions): OtelRecorder;
  /** Returns a histogram. */
  createHistogram(name: string, options?: OtelMetricOptions): OtelRecorder;
  /** Returns a counter whose totals are observed. */
  createObservableCounter(
    name: string,
    options?: OtelMetricOptions,
  ): OtelObservable;
  /** Returns an up-down counter whose totals are observed. */
  createObservableUpDownCounter(
    name: string,
    options?: OtelMetricOptions,
  ): OtelObservable;
  /** Returns a gauge whose values are observed. */
  createObservableGauge(
    name: string,
    options?: OtelMetricOptions,
  ): OtelObservable;
  /** Adds a callback that reports the values of `observables`, once. */
  addBatchObservableCallback(
    callback: OtelBatchCallback,
    observables: OtelObservable[],
  ): void;
  /** Removes a callback that was added for the same `observables`. */
  removeBatchObservableCallback(
    callback: OtelBatchCallback,
    observables: OtelObservable[],
  ): void;
}

/** A meter provider in the shape of OpenTelemetry's API. */
export interface OtelMeterProvider {
  /** Returns the meter of a library; the same one for the same arguments. */
  getMeter(
    name: string,
    version?: string,
    options?: { readonly schemaUrl?: string | undefined },
  ): OtelMeter;
}

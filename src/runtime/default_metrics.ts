/** Runtime metrics that leave any name to whatever else writes it. */
import type { Clock, MetricNames, Timers } from "../base/mod.ts";
import { callSafely, readOptions, withFallbacks } from "../base/internal.ts";
import { FilterSink, type RevocableSink, type Sink } from "../model/mod.ts";
import { YIELD, type YieldingSource } from "../model/internal.ts";
import {
  ACTION,
  RUNTIME_OPTIONS,
  runtimeMetrics,
  type RuntimeOptions,
} from "./runtime_metrics.ts";

/** Values in place of options that are not given. */
export interface RuntimeDefaults {
  /** Facts about the program, beside those of the options. */
  readonly facts: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly names: MetricNames;
}

/**
 * Returns the runtime metrics as a source that gives up the families which the
 * program declares or adds itself. Measuring that serves only these is stopped.
 *
 * @throws {TypeError | RangeError} As `runtimeMetrics` does.
 */
export function defaultMetrics(
  options: RuntimeOptions,
  { facts, clock, timers, names }: RuntimeDefaults,
): YieldingSource & Disposable {
  const read = readOptions(
    ACTION,
    withFallbacks(RUNTIME_OPTIONS, { names }),
    options,
  );
  const metrics = runtimeMetrics({
    ...read,
    build: { ...facts, ...read.build },
    eventLoop: { clock, timers, ...read.eventLoop },
  });
  const given = new Set<string>();
  const filtered = (sink: Sink): Sink =>
    given.size === 0
      ? sink
      : new FilterSink(sink as RevocableSink, ({ name }) => !given.has(name));
  const parts = [...metrics.parts ?? [metrics]].map((part) => ({
    get descs() {
      return part.descs.filter(({ name }) => !given.has(name));
    },
    collect: (sink: Sink): void => part.collect(filtered(sink)),
    peek(sink: Sink): void {
      if (part.peek !== undefined) part.peek(filtered(sink));
      else part.collect(filtered(sink));
    },
    dispose: () => (part as Partial<Disposable>)[Symbol.dispose]?.(),
  }));
  return {
    get descs() {
      return parts.flatMap(({ descs }) => descs);
    },
    parts,
    collect(sink): void {
      for (const part of parts) part.collect(sink);
    },
    [YIELD](name): void {
      given.add(name);
      for (const { descs, dispose } of parts) {
        // A process that the user describes must not fail a declaration.
        if (descs.length === 0) callSafely(dispose, undefined);
      }
    },
    [Symbol.dispose]: () => metrics[Symbol.dispose](),
  };
}

/** An exporter with fake timers, a fake collector and recorded errors. */
import {
  type SpanExporter,
  spanExporter,
  type SpanExporterOptions,
} from "../../src/push/mod.ts";
import {
  collecting,
  namesOf,
  PushTimers,
  type Sent,
  span,
} from "./fixtures.ts";

/** `answer` returns the response of the collector. Default: status 200. */
export function setUp(
  options: Partial<SpanExporterOptions> = {},
  answer?: Parameters<typeof collecting>[0],
) {
  const timers = new PushTimers();
  const { fetch, sent } = collecting(answer);
  const errors: Error[] = [];
  const exporter = spanExporter({
    endpoint: "http://collector",
    fetch,
    timers,
    random: () => 0.5,
    onError: (error) => void errors.push(error),
    ...options,
  });
  return { exporter, timers, sent, errors };
}

/** Exports the spans with these numbers. */
export function give(exporter: SpanExporter, from: number, to: number): void {
  for (let n = from; n <= to; n++) exporter.export(span(n));
}

/** Returns the numbers of the spans in requests, in order. */
export function numbersOf(sent: readonly Sent[]): number[] {
  return namesOf(sent).map((name) => Number(name.slice(5)));
}

/** Returns the numbers from `from` to `to`. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

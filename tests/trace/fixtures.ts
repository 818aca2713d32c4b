/** Tracers, ids and headers for tests of tracing. */
import {
  createTracer,
  type SpanRecord,
  type Tracer,
  type TracerOptions,
} from "../../src/trace/mod.ts";

/** Returns a tracer and the list of its ended spans. */
export function traced(
  options: TracerOptions = {},
): { readonly tracer: Tracer; readonly spans: SpanRecord[] } {
  const tracer = createTracer(options);
  const spans: SpanRecord[] = [];
  tracer.onEnd((span) => void spans.push(span));
  return { tracer, spans };
}

/** Returns a random source that counts up, so that ids are predictable. */
export function counting(): (bytes: Uint8Array<ArrayBuffer>) => void {
  let next = 1;
  return (bytes) => {
    const words = new DataView(bytes.buffer);
    for (let at = 0; at < bytes.length; at += 8) {
      words.setBigUint64(at, BigInt(next++));
    }
  };
}

export const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
export const SPAN_ID = "00f067aa0ba902b7";
export const CALLER = `00-${TRACE_ID}-${SPAN_ID}-01`;

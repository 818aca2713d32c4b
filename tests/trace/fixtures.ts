/** Tracers, and what they leave. */
import {
  createTracer,
  type SpanRecord,
  type Tracer,
  type TracerOptions,
} from "../../src/trace/mod.ts";

/** A tracer, and the spans that it has ended. */
export function traced(
  options: TracerOptions = {},
): { readonly tracer: Tracer; readonly spans: SpanRecord[] } {
  const tracer = createTracer(options);
  const spans: SpanRecord[] = [];
  tracer.onEnd((span) => void spans.push(span));
  return { tracer, spans };
}

/** Randomness that counts: no two ids are the same, and none is all zero. */
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

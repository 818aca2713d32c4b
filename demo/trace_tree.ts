/** A trace as a small tree, of the spans of several services. */
import type { SpanRecord } from "../mod.ts";

/** A span, and whose it is. */
export interface ServiceSpan {
  readonly service: string;
  readonly span: SpanRecord;
}

/** The spans of one trace, outermost first, each below the one it is part of. */
export function traceTree(spans: readonly ServiceSpan[]): string {
  const known = new Set(spans.map(({ span }) => span.context.spanId));
  const lines: (readonly [string, string])[] = [];
  const add = (one: ServiceSpan, indent: string): void => {
    const { service, span: { name, start, end, context, status } } = one;
    const ms = `${((end - start) * 1000).toFixed(2)} ms`;
    const mark = status.code === "error" ? "  failed" : "";
    lines.push([`${indent}${name}`, `${ms.padStart(9)}  ${service}${mark}`]);
    for (const other of spans) {
      if (other.span.parentSpanId !== context.spanId) continue;
      add(other, indent === "" ? "└─ " : `   ${indent}`);
    }
  };
  for (const one of spans) {
    if (!known.has(one.span.parentSpanId)) add(one, "");
  }
  const width = Math.max(...lines.map(([left]) => left.length));
  return lines.map(([left, right]) => `${left.padEnd(width)}  ${right}`)
    .join("\n");
}

/** Formats a trace with spans of several services as a tree. */
import type { SpanRecord } from "../mod.ts";

/** A span and its service. */
export interface ServiceSpan {
  readonly service: string;
  readonly span: SpanRecord;
}

/** Returns the spans of one trace as lines of text, each below its parent. */
export function traceTree(spans: readonly ServiceSpan[]): string {
  const known = new Set(spans.map(({ span }) => span.context.spanId));
  const lines: (readonly [string, string])[] = [];
  const add = (parent: ServiceSpan, indent: string): void => {
    const { service, span: { name, start, end, context, status } } = parent;
    const ms = `${((end - start) * 1000).toFixed(2)} ms`;
    const mark = status.code === "error" ? "  failed" : "";
    lines.push([`${indent}${name}`, `${ms.padStart(9)}  ${service}${mark}`]);
    for (const child of spans) {
      if (child.span.parentSpanId !== context.spanId) continue;
      add(child, indent === "" ? "└─ " : `   ${indent}`);
    }
  };
  for (const root of spans) {
    if (!known.has(root.span.parentSpanId)) add(root, "");
  }
  const width = Math.max(...lines.map(([left]) => left.length));
  return lines.map(([left, right]) => `${left.padEnd(width)}  ${right}`)
    .join("\n");
}

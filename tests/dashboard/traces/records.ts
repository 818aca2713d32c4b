/** Spans and trees of spans for tests. */
import type { SpanRecord } from "../../../src/trace/mod.ts";
import * as fc from "../../support/property.ts";

/** Returns a valid id of `length` hexadecimal digits. */
export function idOf(number: number, length: number): string {
  return (number + 1).toString(16).padStart(length, "0");
}

/** The parts of a span that tests choose. */
export interface SpanInit {
  readonly trace?: number;
  readonly span?: number;
  /** Number of the parent. Default: none. */
  readonly parent?: number | undefined;
  readonly name?: string;
  readonly kind?: SpanRecord["kind"];
  readonly start?: number;
  readonly end?: number;
  readonly error?: string;
  readonly parentIsRemote?: boolean;
  readonly attributes?: SpanRecord["attributes"];
  readonly events?: SpanRecord["events"];
}

/** Returns the record of a span, by default one of a second without a parent. */
export function recordOf({
  trace = 0,
  span = 0,
  parent,
  name = "work",
  kind = "internal",
  start = 1000,
  end = start + 1,
  error,
  parentIsRemote = false,
  attributes = {},
  events = [],
}: SpanInit = {}): SpanRecord {
  return {
    name,
    kind,
    context: {
      traceId: idOf(trace, 32),
      spanId: idOf(span, 16),
      sampled: true,
      traceState: "",
    },
    parentSpanId: parent === undefined ? "" : idOf(parent, 16),
    parentIsRemote,
    start,
    end,
    attributes,
    events,
    links: [],
    status: error === undefined
      ? { code: "unset", message: "" }
      : { code: "error", message: error },
    dropped: { attributes: 0, events: 0, links: 0 },
    scope: { name: "shop", version: "" },
  };
}

/** A request to `route` as its server span. */
export function requestOf(
  method: string,
  route: string,
  status: number,
  init: SpanInit = {},
): SpanRecord {
  return recordOf({
    name: `${method} ${route}`,
    kind: "server",
    ...init,
    attributes: {
      "http.request.method": method,
      "http.route": route,
      "http.response.status_code": status,
      ...init.attributes,
    },
  });
}

/**
 * Any spans of one trace: parents that are missing, that are the span itself or
 * form circles, children beyond their parent's time, parallel ones.
 */
export function anySpans(max = 12): fc.Arbitrary<SpanInit[]> {
  const time = fc.nat({ max: 20 });
  return fc.array(
    fc.record({
      parent: fc.option(fc.nat({ max }), { nil: undefined }),
      start: time,
      length: time,
    }),
    { minLength: 1, maxLength: max },
  ).map((spans) =>
    spans.map(({ parent, start, length }, span) => ({
      span,
      parent,
      start,
      end: start + length,
    }))
  );
}

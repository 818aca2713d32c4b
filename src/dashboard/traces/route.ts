/** Method, route and status of a span, from the attributes of its conventions. */
import type { SpanRecord } from "../../trace/mod.ts";

/** Returns an attribute that is a text; empty for any other. */
export function textAt({ attributes }: SpanRecord, name: string): string {
  const value = attributes[name];
  return typeof value === "string" ? value : "";
}

/** Returns the method of an HTTP span; empty for any other. */
export function methodOf(record: SpanRecord): string {
  return textAt(record, "http.request.method");
}

/** Returns the status code of an HTTP span; undefined if it has none. */
export function codeOf({ attributes }: SpanRecord): number | undefined {
  const code = attributes["http.response.status_code"];
  return typeof code === "number" && code >= 100 && code < 600
    ? Math.trunc(code)
    : undefined;
}

/** Returns method and route, such as `POST /orders`; else the name of the span. */
export function routeOf(record: SpanRecord): string {
  const route = textAt(record, "http.route");
  return route === "" ? record.name : `${methodOf(record)} ${route}`;
}

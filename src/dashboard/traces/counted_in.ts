/** Finds the histogram that has counted a span, and its labels there. */
import { statusClassOf } from "../../base/internal.ts";
import type { SpanRecord } from "../../trace/mod.ts";
import type { TraceSpan } from "../protocol_traces.ts";
import { codeOf, methodOf, textAt } from "./route.ts";

/** A family of durations, as `FamilyInfo` has it. */
export interface CountingFamily {
  readonly name: string;
  readonly labels: readonly string[];
}

/** The families that count requests and outgoing calls; null if there is none. */
export interface CountingFamilies {
  readonly requests: CountingFamily | null;
  readonly calls: CountingFamily | null;
}

/** Returns the value of a label; undefined if the span does not have it. */
type Value = (record: SpanRecord) => string | undefined;

/** Labels of requests, in the spelling of classic names. */
const REQUEST_LABELS: Readonly<Record<string, Value>> = {
  method: (record) => ownMethod(record),
  route: (record) => textAt(record, "http.route") || "unknown",
  status_class: (record) => {
    const code = codeOf(record);
    return code === undefined ? undefined : statusClassOf(code);
  },
  status_code: codeText,
  http_request_method: methodOf,
  url_scheme: (record) => textAt(record, "url.scheme"),
  network_protocol_version: (record) =>
    textAt(record, "network.protocol.version"),
  http_route: (record) => textAt(record, "http.route"),
  http_response_status_code: codeText,
  error_type: (record) => {
    const code = codeOf(record);
    if (code === undefined) return undefined;
    return code < 500 ? "" : textAt(record, "error.type");
  },
};

/** Labels of calls. A span does not tell whether `outcome` is a class or a code. */
const CALL_LABELS: Readonly<Record<string, Value>> = {
  method: (record) => methodOf(record),
  peer: peerOf,
  http_request_method: methodOf,
  server_address: (record) => textAt(record, "server.address"),
  server_port: ({ attributes }) => {
    const port = attributes["server.port"];
    return port === undefined ? "" : String(port);
  },
  http_response_status_code: (record) => codeText(record) ?? "",
  error_type: (record) => textAt(record, "error.type"),
};

/** Returns the histogram that has counted `record`; null if it is not known. */
export function countedIn(
  record: SpanRecord,
  { requests, calls }: CountingFamilies,
): TraceSpan["countedIn"] {
  if (methodOf(record) === "") return null;
  if (record.kind === "server") return within(record, requests, REQUEST_LABELS);
  if (record.kind === "client") return within(record, calls, CALL_LABELS);
  return null;
}

function within(
  record: SpanRecord,
  family: CountingFamily | null,
  values: Readonly<Record<string, Value>>,
): TraceSpan["countedIn"] {
  if (family === null) return null;
  const labels: [string, string][] = [];
  for (const label of family.labels) {
    const classic = label.replaceAll(".", "_");
    const value = Object.hasOwn(values, classic)
      ? values[classic]!(record)
      : undefined;
    if (value !== undefined) labels.push([label, value]);
  }
  return { family: family.name, labels: Object.fromEntries(labels) };
}

/** Returns the method of a request as Prometheus names write it. */
function ownMethod(record: SpanRecord): string {
  const method = methodOf(record);
  return method === "_OTHER" ? "OTHER" : method;
}

/**
 * Returns the peer of a call: its span is named by method and peer, or by the
 * method alone.
 */
export function peerOf(record: SpanRecord): string {
  const { name } = record;
  const method = methodOf(record);
  const verb = method === "_OTHER" ? "HTTP" : method;
  return name.startsWith(`${verb} `) ? name.slice(verb.length + 1) : "unknown";
}

function codeText(record: SpanRecord): string | undefined {
  const code = codeOf(record);
  return code === undefined ? undefined : String(code);
}

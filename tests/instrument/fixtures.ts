/** Requests, and functions that read the metrics of an instrumented handler. */
export { traced } from "../trace/fixtures.ts";
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import type { HistogramView } from "../../src/model/mod.ts";
import { distributionOf, valueOf } from "../../src/testing/mod.ts";

/** Returns a request whose path must never become a label. */
export function request(
  init: RequestInit = {},
  path = "/secret/42",
): Request {
  return new Request(`http://localhost${path}`, init);
}

export interface Observed {
  readonly registry: Registry;
  requests(method: string, status: string, route?: string): number | undefined;
  inFlight(method?: string): number | undefined;
  duration(
    method: string,
    status: string,
    route?: string,
  ): HistogramView | undefined;
  requestSize(method: string, route?: string): HistogramView | undefined;
  responseSize(
    method: string,
    status: string,
    route?: string,
  ): HistogramView | undefined;
}

/** Returns a new registry and functions that read it. */
export function setUp(registry: Registry = createRegistry()): Observed {
  const distribution = (
    name: string,
    labels: Readonly<Record<string, string>>,
  ) => distributionOf(registry, name, labels) as HistogramView | undefined;
  const byStatus = (method: string, status_class: string, route = "unknown") =>
    ({ method, route, status_class }) as const;
  return {
    registry,
    requests: (...at) =>
      valueOf(registry, "http_requests_total", byStatus(...at)),
    inFlight: (method = "GET") =>
      valueOf(registry, "http_requests_in_flight", { method }),
    duration: (...at) =>
      distribution("http_request_duration_seconds", byStatus(...at)),
    requestSize: (method, route = "unknown") =>
      distribution("http_request_body_size_bytes", { method, route }),
    responseSize: (...at) =>
      distribution("http_response_body_size_bytes", byStatus(...at)),
  };
}

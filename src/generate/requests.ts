/**
 * Finds the metrics of HTTP requests, served and sent, by the names and labels of
 * both conventions; under any prefix, and in either spelling of dotted names.
 */
import { observations, type QueriedFamily } from "./families.ts";
import { by, type Matcher, type PromQL } from "./promql.ts";

/** The metrics of requests under one prefix and one convention. */
export interface RequestFamilies {
  readonly side: "server" | "client";
  readonly convention: "prometheus" | "semconv";
  readonly prefix: string;
  readonly duration: QueriedFamily;
  /** A counter of the requests; undefined if the histogram alone counts them. */
  readonly requests: QueriedFamily | undefined;
  readonly inFlight: QueriedFamily | undefined;
  readonly requestSize: QueriedFamily | undefined;
  readonly responseSize: QueriedFamily | undefined;
  /** The label of the route, or of the called host. */
  readonly route: string;
  readonly method: string;
  /** The label of the outcome: a status or its class. */
  readonly status: string;
  /** Selects failed requests. */
  readonly failed: Matcher;
  /** Constant labels, which all of the families have. */
  readonly constants: readonly string[];
}

/** The names and labels of one side under one convention. */
interface Vocabulary
  extends Pick<RequestFamilies, "side" | "convention" | "method" | "route"> {
  readonly duration: string;
  readonly requests?: string;
  readonly inFlight?: string;
  readonly requestSize?: string;
  readonly responseSize?: string;
  /** The possible labels of the outcome. */
  readonly statuses: readonly string[];
  /** The label that marks failed requests. Default: that of the outcome. */
  readonly failedBy?: string;
  /** The values of that label for failed requests, as a regular expression. */
  readonly failed: string;
  /** Labels that are neither of the above nor constant. */
  readonly others: readonly string[];
}

/** Failures of servers; the label holds a class or a code. */
const SERVER_ERRORS = "5..";

/** One of these failures. */
export const SERVER_ERROR = "500";

/** The own vocabulary of calls comes first: its histogram can have both. */
const VOCABULARIES: readonly Vocabulary[] = [
  {
    side: "server",
    convention: "prometheus",
    duration: "http_request_duration_seconds",
    requests: "http_requests_total",
    inFlight: "http_requests_in_flight",
    requestSize: "http_request_body_size_bytes",
    responseSize: "http_response_body_size_bytes",
    method: "method",
    route: "route",
    statuses: ["status_class", "status_code"],
    failed: SERVER_ERRORS,
    others: [],
  },
  {
    side: "server",
    convention: "semconv",
    duration: "http.server.request.duration_seconds",
    inFlight: "http.server.active_requests",
    requestSize: "http.server.request.body.size_bytes",
    responseSize: "http.server.response.body.size_bytes",
    method: "http.request.method",
    route: "http.route",
    statuses: ["http.response.status_code"],
    failed: SERVER_ERRORS,
    others: ["url.scheme", "network.protocol.version", "error.type"],
  },
  {
    side: "client",
    convention: "prometheus",
    duration: "http_client_request_duration_seconds",
    requests: "http_client_requests_total",
    method: "method",
    route: "peer",
    statuses: ["outcome"],
    failed: `${SERVER_ERRORS}|error`,
    others: [
      "http.request.method",
      "server.address",
      "server.port",
      "http.response.status_code",
      "error.type",
    ],
  },
  {
    side: "client",
    convention: "semconv",
    duration: "http.client.request.duration_seconds",
    method: "http.request.method",
    route: "server.address",
    statuses: ["http.response.status_code"],
    // Aborted calls have neither a status nor an error.
    failedBy: "error.type",
    failed: `${SERVER_ERRORS}|[^0-9].*`,
    others: ["server.port"],
  },
];

/** Returns the classic spelling, by which names are compared. */
export function classicSpelling(name: string): string {
  return name.replaceAll(".", "_");
}

/** Returns the metrics of requests in `families`, served ones first. */
export function requestsIn(
  families: readonly QueriedFamily[],
): readonly RequestFamilies[] {
  const bySpelling = new Map(
    families.map((family) => [classicSpelling(family.name), family]),
  );
  const claimed = new Set<QueriedFamily>();
  return VOCABULARIES.flatMap((words) =>
    families.flatMap((duration) => {
      const found = claimed.has(duration)
        ? undefined
        : requestsOf(words, duration, bySpelling);
      if (found === undefined) return [];
      claimed.add(duration);
      return [found];
    })
  );
}

function requestsOf(
  words: Vocabulary,
  duration: QueriedFamily,
  bySpelling: ReadonlyMap<string, QueriedFamily>,
): RequestFamilies | undefined {
  const spelling = classicSpelling(duration.name);
  const name = classicSpelling(words.duration);
  if (duration.type !== "histogram" || !spelling.endsWith(name)) {
    return undefined;
  }
  const prefix = spelling.slice(0, -name.length);
  const label = (wanted: string): string | undefined =>
    duration.labelNames.find((own) =>
      classicSpelling(own) === classicSpelling(wanted)
    );
  const [method, route] = [label(words.method), label(words.route)];
  const status = words.statuses.map(label).find((own) => own !== undefined);
  const failedBy = words.failedBy === undefined
    ? status
    : label(words.failedBy);
  if (
    method === undefined || route === undefined || status === undefined ||
    failedBy === undefined
  ) return undefined;
  const others = words.others.map(label);
  const sibling = (
    name: string | undefined,
    type: QueriedFamily["type"],
  ): QueriedFamily | undefined => {
    if (name === undefined) return undefined;
    const found = bySpelling.get(prefix + classicSpelling(name));
    return found?.type === type ? found : undefined;
  };
  return {
    side: words.side,
    convention: words.convention,
    prefix,
    duration,
    requests: sibling(words.requests, "counter"),
    inFlight: sibling(words.inFlight, "gauge"),
    requestSize: sibling(words.requestSize, "histogram"),
    responseSize: sibling(words.responseSize, "histogram"),
    method,
    route,
    status,
    failed: { label: failedBy, op: "=~", value: words.failed },
    constants: duration.labelNames.filter((own) =>
      ![method, route, status, failedBy, ...others].includes(own)
    ),
  };
}

/** Returns all families of a group of metrics. */
export function familiesIn(
  { duration, requests, inFlight, requestSize, responseSize }: RequestFamilies,
): readonly QueriedFamily[] {
  return [duration, requests, inFlight, requestSize, responseSize]
    .filter((family) => family !== undefined);
}

/** Returns requests per second by labels, which are source text. */
export function requestRate(
  promql: PromQL,
  { requests, duration }: RequestFamilies,
  labels: readonly string[],
  matchers: readonly Matcher[] = [],
): string {
  return requests === undefined
    ? observations(promql, duration, labels, matchers)
    : by("sum", labels, promql.rate(requests.name, matchers));
}

/** Returns the share of failed requests by labels, which are source text. */
export function errorRatio(
  promql: PromQL,
  metrics: RequestFamilies,
  labels: readonly string[],
  matchers: readonly Matcher[] = [],
): string {
  const failed = [...matchers, metrics.failed];
  return `${requestRate(promql, metrics, labels, failed)} / ` +
    requestRate(promql, metrics, labels, matchers);
}

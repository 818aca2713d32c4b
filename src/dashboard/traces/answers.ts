/**
 * Traces as readers may see them: JSON of lists and of one trace.
 *
 * All texts pass through `redact` first. Nothing that it hides decides whether a
 * filter matches.
 */
import { callSafely, cutText, isThenable } from "../../base/internal.ts";
import type { SpanRecord } from "../../trace/mod.ts";
import type {
  Trace,
  TraceList,
  TraceSpan,
  TraceSummary,
} from "../protocol_traces.ts";
import { countedIn, type CountingFamilies } from "./counted_in.ts";
import type { TraceKeeper } from "./keeper.ts";
import type { KeptTrace } from "./kept_trace.ts";
import type { ListName } from "./lists.ts";
import { codeOf, methodOf, textAt } from "./route.ts";
import { busiestSpan, busiestText, failedSpan, failureText } from "./words.ts";

/** Maximum length of the filters of a list. */
const MAX_FILTER = 256;

const LISTS: readonly ListName[] = ["latest", "slowest", "failed"];

/** Rules that decide what readers may see. */
export interface TraceView extends CountingFamilies {
  /**
   * The service whose registry has the families: it does not count the spans of
   * others. Default: all spans are counted in it.
   */
  readonly service?: string | undefined;
  /**
   * Returns a span without its secrets; undefined hides it, and so does an
   * error. A trace whose root is hidden is hidden, too. Default: all spans are
   * shown as they are.
   */
  readonly redact?: ((span: SpanRecord) => SpanRecord | undefined) | undefined;
}

/** The filters of a list. */
export interface TraceQuery {
  readonly list: ListName;
  /** Method and route, such as `POST /orders`; empty for all. */
  readonly route: string;
  /** Part of id, root, route or cause, in lower case; empty for all. */
  readonly text: string;
}

/** Reads the filters of a request; unknown lists are `latest`. */
export function traceQuery(parameters: URLSearchParams): TraceQuery {
  const list = parameters.get("list");
  return {
    list: LISTS.find((known) => known === list) ?? "latest",
    route: cutText(parameters.get("route") ?? "", MAX_FILTER),
    text: cutText(parameters.get("text") ?? "", MAX_FILTER).toLowerCase(),
  };
}

/** Answers `traces`. */
export function traceList(
  keeper: TraceKeeper,
  { list, route, text }: TraceQuery,
  view: TraceView,
  epoch: string,
): TraceList {
  const traces: TraceSummary[] = [];
  for (const trace of keeper.traces(list)) {
    const summary = traceSummary(trace, view);
    if (summary === undefined) continue;
    if (route !== "" && routeText(summary) !== route) continue;
    if (text === "" || matches(summary, text)) traces.push(summary);
  }
  const { lost, bytes } = keeper.stats;
  return { epoch, list, traces, counts: keeper.counts, lost, bytes };
}

function matches(
  { id, root, method, route, cause }: TraceSummary,
  text: string,
): boolean {
  return id.includes(text) || root.toLowerCase().includes(text) ||
    `${method} ${route}`.toLowerCase().includes(text) ||
    cause.toLowerCase().includes(text);
}

/** Returns a trace as it stands in lists; undefined if it is hidden. */
export function traceSummary(
  trace: KeptTrace,
  view: TraceView,
): TraceSummary | undefined {
  const root = shown(trace.root, view);
  if (root === undefined) return undefined;
  return {
    id: trace.id,
    root: root.name,
    service: trace.services[trace.records.indexOf(trace.root)]!,
    ...routeIn(root, view),
    status: codeOf(root) ?? null,
    start: root.start,
    ms: msOf(trace.seconds),
    failed: trace.failed,
    cause: causeText(trace, view),
    spans: trace.records.length,
  };
}

/** Answers `traces/ID`; undefined if the trace is not kept, or hidden. */
export function traceAnswer(
  keeper: TraceKeeper,
  id: string,
  view: TraceView,
): Trace | undefined {
  const trace = keeper.trace(id);
  const summary = trace && traceSummary(trace, view);
  if (summary === undefined) return undefined;
  const { records, services, lost } = trace!;
  const own = trace!.ownTimes();
  const all: TraceSpan[] = [];
  records.forEach((record, index) => {
    const span = shown(record, view);
    if (span === undefined) return;
    all.push(spanJson(span, {
      service: services[index]!,
      own: own[index]!,
      start: summary.start,
      countedIn: countedOf(span, services[index]!, view),
    }));
  });
  return { ...summary, all, lost };
}

/** Returns why a trace failed, or where most of its time went. */
export function causeText(trace: KeptTrace, view: TraceView): string {
  const failed = failedSpan(trace);
  if (failed !== undefined) {
    const span = shown(failed, view);
    return span === undefined ? "" : failureText(span, failed === trace.root);
  }
  const [busiest, seconds] = busiestSpan(trace);
  const span = shown(busiest, view);
  return span === undefined
    ? ""
    : busiestText(span, seconds, busiest === trace.root);
}

/** Returns a record as readers may see it. */
export function shown(
  record: SpanRecord,
  { redact }: TraceView,
): SpanRecord | undefined {
  if (redact === undefined) return record;
  const redacted = callSafely(redact, record);
  // A promise is not a span; callSafely() has handled its rejection.
  return redacted === undefined || isThenable(redacted) ? undefined : redacted;
}

function countedOf(
  span: SpanRecord,
  service: string,
  view: TraceView,
): TraceSpan["countedIn"] {
  const isOther = view.service !== undefined && view.service !== service;
  return isOther ? null : countedIn(span, view);
}

/** Returns method and route of a request as its metrics have them. */
function routeIn(
  root: SpanRecord,
  view: TraceView,
): { readonly method: string; readonly route: string } {
  const labels = countedIn(root, view)?.labels;
  return {
    method: labels?.["method"] ?? methodOf(root),
    route: labels?.["route"] ?? textAt(root, "http.route"),
  };
}

/** Joins method and route, such as `POST /orders`. */
function routeText(
  { method, route }: Pick<TraceSummary, "method" | "route">,
): string {
  return `${method} ${route}`.trim();
}

/** Returns whether a trace is of `route`, such as `POST /orders`. */
export function isOfRoute(
  trace: KeptTrace,
  route: string,
  view: TraceView,
): boolean {
  const root = shown(trace.root, view);
  if (root === undefined) return false;
  return routeText(routeIn(root, view)) === route;
}

function spanJson(
  record: SpanRecord,
  { service, own, start, countedIn }: {
    readonly service: string;
    readonly own: number;
    readonly start: number;
    readonly countedIn: TraceSpan["countedIn"];
  },
): TraceSpan {
  return {
    id: record.context.spanId,
    parent: record.parentSpanId,
    name: record.name,
    kind: record.kind,
    service,
    startMs: msOf(record.start - start),
    ms: msOf(record.end - record.start),
    ownMs: msOf(own),
    failed: record.status.code === "error",
    error: record.status.message,
    attributes: record.attributes,
    events: record.events.map(({ name, time, attributes }) => ({
      name,
      ms: msOf(time - start),
      attributes,
    })),
    links: record.links.map(({ context }) => ({
      trace: context.traceId,
      span: context.spanId,
    })),
    countedIn,
  };
}

/** Rounds to microseconds, the precision of a float64 of unix seconds. */
function msOf(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e3;
}

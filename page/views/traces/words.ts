/** Sentences about traces and spans. */
import type {
  Trace,
  TraceSpan,
  TraceSummary,
} from "../../../src/dashboard/protocol_traces.ts";
import { seconds, words } from "../../core/units.ts";

/** Least share of the time that is worth a sentence. */
const LEAST_SHARE = 0.5;

/** Returns milliseconds in words. */
export function msWords(ms: number): string {
  return words(seconds(ms / 1000));
}

/** Returns a time since a start in words: `+757 ms`. */
export function sinceWords(ms: number): string {
  return `${ms < 0 ? "−" : "+"}${msWords(Math.abs(ms))}`;
}

/** The name of a trace in parts: method and route, or the name of its root. */
export function nameOf(
  { method, route, root }: Pick<TraceSummary, "method" | "route" | "root">,
): { readonly method: string; readonly rest: string } {
  if (method === "") return { method: "", rest: root };
  return { method, rest: route === "" ? "(no route)" : route };
}

/**
 * Returns why a trace failed, or where its time went; empty if neither is
 * known.
 */
export function sentenceOf(trace: Trace): string {
  if (trace.failed) {
    return trace.cause === "" ? "" : withStop(capital(trace.cause));
  }
  const times = new Map<string, number>();
  let all = 0;
  for (const { name, service, ownMs } of trace.all) {
    const key = `${name}\n${service}`;
    times.set(key, (times.get(key) ?? 0) + ownMs);
    all += ownMs;
  }
  const [key, most] = [...times].reduce((a, b) => b[1] > a[1] ? b : a, ["", 0]);
  if (!(most / all >= LEAST_SHARE) || times.size === 1) return "";
  const [name] = key.split("\n");
  const percent = Math.round(100 * most / all);
  const share = percent === 100
    ? "Nearly all the time"
    : `${percent} % of the time`;
  return name === trace.root
    ? `${share} is its own, in no span below it.`
    : `${share} is spent in ${name}.`;
}

/** Returns the services of a trace with their numbers of spans, largest first. */
export function servicesOf(spans: readonly TraceSpan[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { service } of spans) {
    counts.set(service, (counts.get(service) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1]);
}

/** Returns the kind and the service of a span in words. */
export function kindWords({ kind, service }: TraceSpan): string {
  const span = kind === "internal" ? "span" : `${kind} span`;
  return service === "" ? span : `${span} of ${service}`;
}

/** Returns how long a span took, and how much of it is its own time. */
export function tookWords({ ms, ownMs }: TraceSpan): string {
  const took = msWords(ms);
  if (ownMs >= ms) return ms === 0 ? took : `${took}, all of it own time`;
  return ownMs <= 0
    ? `${took}, none of it own time`
    : `${took}, ${msWords(ownMs)} of it own time`;
}

/** The error of a span: its type, else its message; and a message that says more. */
export function errorOf(
  { attributes, events, error, failed }: TraceSpan,
): { readonly type: string; readonly message: string } | null {
  if (!failed) return null;
  const exception = events.find(({ name }) => name === "exception")?.attributes;
  const text = (value: unknown) => typeof value === "string" ? value : "";
  const message = error || text(exception?.["exception.message"]);
  const type = text(exception?.["exception.type"]) ||
    text(attributes["error.type"]) || message || "failed";
  return { type, message: message === type ? "" : message };
}

/** Returns the value of an attribute as one text. */
export function valueText(value: unknown): string {
  if (typeof value === "string") return value;
  return Array.isArray(value) ? value.join(", ") : String(value);
}

function capital(text: string): string {
  // A name keeps its letter: "db.get: no such table".
  return /^[a-z]+[\s,]/.test(text)
    ? text.charAt(0).toUpperCase() + text.slice(1)
    : text;
}

function withStop(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

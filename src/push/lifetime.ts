/** How long pushers live, and what they may do without a request. */
import type { Cancel, Timers } from "../base/mod.ts";
import { warn } from "../base/internal.ts";
import { isRequestBound } from "../platform/internal.ts";

/** Objects that live until they are released, whoever else holds them. */
const held = /* @__PURE__ */ new Set<object>();

/** Keeps `object` alive until the result is called. */
export function hold(object: object): () => void {
  held.add(object);
  return () => void held.delete(object);
}

/** Longer than any wait, in seconds; below the limit of timers. */
const FOR_EVER = 1e6;

/**
 * Keeps the process alive until the result is called: a caller waits. All other
 * timers of exporters let it end.
 */
export function holdProcess(timers: Timers): Cancel {
  return timers.after(FOR_EVER, () => {}, { holds: true });
}

const warned = /* @__PURE__ */ new Set<string>();

function warnOnce(text: string): void {
  if (!warned.has(text)) warn(text);
  warned.add(text);
}

/** Logs once that there are no pushes by interval. */
export function warnAboutTimers(): void {
  warnOnce(
    "timers end with a request on this runtime, so that metrics are not pushed " +
      "by interval; give { interval: 0 } and call push() in waitUntil()",
  );
}

/** Logs once that spans and log events would wait for timers. */
export function warnAboutQueue(): void {
  warnOnce(
    "an exporter waits for timers, which end with a request on this runtime, " +
      "and loses what waits; give the collector to withTelemetry() of " +
      "@barograph/barograph/workers",
  );
}

/**
 * Returns whether a caller may push. If `isSending` by another request on a runtime
 * that binds work to requests, it may not: its push would end with that request.
 */
export function mayPush(isSending: boolean): boolean {
  if (!isSending || !isRequestBound()) return true;
  warnOnce(
    "a push is left out, because another request is pushing with the same " +
      "pusher; make a pusher for each push",
  );
  return false;
}

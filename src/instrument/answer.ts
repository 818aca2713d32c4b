/** The types that metrics and spans of requests share, and safe readers. */
import { ignoreRejection } from "../base/internal.ts";
import type { HeaderGetter } from "../trace/mod.ts";

/** The result of a fetch-style handler; undefined after an upgrade. */
export type Answer = Response | undefined | void;

/**
 * Returns the status of an answer; undefined if it has none. Works without
 * `instanceof`, so that answers of another realm or a framework have one too.
 * Never throws.
 */
export function statusOf(answer: unknown): number | undefined {
  try {
    const status = (answer as Partial<Response> | null | undefined)?.status;
    return typeof status === "number" ? status : undefined;
  } catch {
    return undefined; // a getter that throws
  }
}

/** Returns a header; undefined if it cannot be read. Never throws. */
export function headerOf(message: unknown, name: string): string | undefined {
  try {
    const { headers } = message as { headers: HeaderGetter };
    const value: unknown = headers.get(name);
    if (typeof value === "string") return value;
    ignoreRejection(value);
    return undefined;
  } catch {
    return undefined; // a framework's own type of headers
  }
}

/** Returns the method of a request; "" if it cannot be read. Never throws. */
export function methodIn(request: Request): string {
  try {
    const { method } = request;
    return typeof method === "string" ? method : "";
  } catch {
    return ""; // a framework's request, or none at all
  }
}

/** Returns the URL of a request; "" if it cannot be read. Never throws. */
export function urlIn(request: Request): string {
  try {
    const { url } = request;
    return typeof url === "string" ? url : "";
  } catch {
    return ""; // a framework's request, or none at all
  }
}

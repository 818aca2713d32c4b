/** Reads thrown values, which can be anything. */
import { cutText } from "./cut_text.ts";

/** Tags of errors of any realm; `instanceof` knows this realm's only. */
const ERROR_TAGS = ["[object Error]", "[object DOMException]"];

/** Returns whether a value is an error, also of another realm; never throws. */
export function isError(value: unknown): boolean {
  try {
    return typeof value === "object" && value !== null && hasErrorTag(value);
  } catch {
    return false;
  }
}

function hasErrorTag(value: object): boolean {
  return value instanceof Error ||
    ERROR_TAGS.includes(Object.prototype.toString.call(value));
}

/**
 * Returns the class of a thrown value: the `name` of an error, also of one from
 * another realm, or the type of any other value. Bounded like all kept texts;
 * never throws.
 */
export function errorType(error: unknown): string {
  try {
    if (error === null) return "null";
    if (typeof error !== "object") return typeof error;
    if (!hasErrorTag(error)) return "object";
    return cutText(String((error as Error).name || "Error"));
  } catch {
    return "unknown";
  }
}

/**
 * Returns the message of a thrown value; empty if it has none. Bounded like all
 * kept texts; never throws.
 */
export function errorMessage(error: unknown): string {
  try {
    if (typeof error !== "object" || error === null) {
      return cutText(String(error));
    }
    const { message } = error as { message?: unknown };
    return typeof message === "string" ? cutText(message) : "";
  } catch {
    return "";
  }
}

/** Returns the stack trace of a thrown value, bounded; never throws. */
export function errorStack(error: unknown): string | undefined {
  try {
    const { stack } = (error ?? {}) as { stack?: unknown };
    return typeof stack === "string" ? cutText(stack) : undefined;
  } catch {
    return undefined;
  }
}

/** What attributes may be, and what an error says of itself in them. */
import type { Attributes, AttributeValue } from "./record.ts";

const MOST_ITEMS = 128;

/**
 * The attribute as it is kept: texts cut to `length` UTF-16 units, lists
 * copied; undefined if it is none.
 */
export function checkedAttribute(
  name: string,
  value: unknown,
  length: number,
): AttributeValue | undefined {
  if (typeof name !== "string" || name === "" || name === "__proto__") {
    return undefined;
  }
  if (typeof value === "string") return cut(value, length);
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (!Array.isArray(value) || value.length > MOST_ITEMS) return undefined;
  const items = value as readonly unknown[];
  const kind = typeof items[0];
  if (items.some((item) => typeof item !== typeof items[0])) return undefined;
  if (kind === "string") {
    return (items as readonly string[]).map((item) => cut(item, length));
  }
  if (kind !== "number" && kind !== "boolean" && items.length > 0) {
    return undefined;
  }
  return [...items] as readonly number[];
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).toWellFormed();
}

/**
 * The facts of an error, by OpenTelemetry's names for an `exception` event:
 * type, message, and the stack if there is one.
 */
export function exceptionAttributes(error: unknown): Attributes {
  const stack = stackOf(error);
  return {
    "exception.type": errorType(error),
    "exception.message": errorMessage(error),
    ...(stack === undefined ? {} : { "exception.stacktrace": stack }),
  };
}

function stackOf(error: unknown): string | undefined {
  try {
    const { stack } = (error ?? {}) as { stack?: unknown };
    return typeof stack === "string" ? stack : undefined;
  } catch {
    return undefined;
  }
}

/** The class of what was thrown; never throws itself. */
export function errorType(error: unknown): string {
  try {
    if (error instanceof Error) return String(error.name || "Error");
    return error === null ? "null" : typeof error;
  } catch {
    return "unknown";
  }
}

/** What was thrown, in words; never throws itself. */
export function errorMessage(error: unknown): string {
  try {
    if (typeof error !== "object" || error === null) return String(error);
    const { message } = error as { message?: unknown };
    return typeof message === "string" ? message : "";
  } catch {
    return "";
  }
}

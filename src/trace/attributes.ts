/** Validation of attributes, and the attributes of an error. */
import type { Attributes, AttributeValue } from "./record.ts";

const MAX_ITEMS = 128;

/**
 * Returns the value to store for an attribute: strings are cut to `length`
 * UTF-16 units, lists copied. Returns undefined if the name or the value is not
 * allowed.
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
  if (!Array.isArray(value) || value.length > MAX_ITEMS) return undefined;
  const items = value as readonly unknown[];
  const type = typeof items[0];
  if (items.some((item) => typeof item !== typeof items[0])) return undefined;
  if (type === "string") {
    return (items as readonly string[]).map((item) => cut(item, length));
  }
  if (type !== "number" && type !== "boolean" && items.length > 0) {
    return undefined;
  }
  return [...items] as readonly number[];
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length).toWellFormed();
}

/**
 * Returns the attributes of an OpenTelemetry `exception` event: type, message,
 * and the stack trace if there is one.
 */
export function exceptionAttributes(error: unknown): Attributes {
  const attributes: Record<string, AttributeValue> = {
    "exception.type": errorType(error),
    "exception.message": errorMessage(error),
  };
  const stack = stackOf(error);
  if (stack !== undefined) attributes["exception.stacktrace"] = stack;
  return attributes;
}

function stackOf(error: unknown): string | undefined {
  try {
    const { stack } = (error ?? {}) as { stack?: unknown };
    return typeof stack === "string" ? stack : undefined;
  } catch {
    return undefined;
  }
}

/** Returns the class of a thrown value. Never throws. */
export function errorType(error: unknown): string {
  try {
    if (error instanceof Error) return String(error.name || "Error");
    return error === null ? "null" : typeof error;
  } catch {
    return "unknown";
  }
}

/** Returns the message of a thrown value; empty if it has none. Never throws. */
export function errorMessage(error: unknown): string {
  try {
    if (typeof error !== "object" || error === null) return String(error);
    const { message } = error as { message?: unknown };
    return typeof message === "string" ? message : "";
  } catch {
    return "";
  }
}

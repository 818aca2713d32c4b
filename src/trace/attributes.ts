/** Validation of attributes, and the attributes of an error. */
import { cutText, errorMessage, errorType } from "../base/internal.ts";
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
  if (typeof value === "string") return cutText(value, length);
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (!Array.isArray(value) || value.length > MAX_ITEMS) return undefined;
  const items = value as readonly unknown[];
  const type = typeof items[0];
  if (items.some((item) => typeof item !== typeof items[0])) return undefined;
  if (type === "string") {
    return (items as readonly string[]).map((item) => cutText(item, length));
  }
  if (type !== "number" && type !== "boolean" && items.length > 0) {
    return undefined;
  }
  return [...items] as readonly number[];
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

/**
 * Validation of attributes, and the attributes of an error.
 *
 * Values of callers are read once, item by item. Only strings, numbers,
 * booleans and copied lists of them get into a span.
 */
import {
  cutText,
  errorMessage,
  errorStack,
  errorType,
  MAX_TEXT,
} from "../base/internal.ts";
import type { Attributes, AttributeValue } from "./record.ts";

const MAX_ITEMS = 128;

/**
 * The size of a number, of a boolean, and of all that a name or an item adds to
 * its text when it is encoded. See `SpanLimits.totalLength`.
 */
export const ENTRY_SIZE = 8;

/**
 * Returns the value to store for an attribute: strings are cut to `length`
 * UTF-16 units, lists copied. Returns undefined if the name or the value is not
 * allowed. Never throws.
 */
export function checkedAttribute(
  name: unknown,
  value: unknown,
  length: number,
): AttributeValue | undefined {
  if (typeof name !== "string" || name === "" || name === "__proto__") {
    return undefined;
  }
  // Two long names would be the same name once they were cut.
  if (name.length > MAX_TEXT) return undefined;
  if (typeof value === "string") return cutText(value, length);
  if (typeof value === "number" || typeof value === "boolean") return value;
  return checkedList(value, length);
}

function checkedList(
  value: unknown,
  length: number,
): AttributeValue | undefined {
  try {
    if (!Array.isArray(value) || value.length > MAX_ITEMS) return undefined;
    const size = value.length;
    const items: unknown[] = [];
    // `map` and `some` skip holes, and a subclass can replace them.
    for (let i = 0; i < size; i++) {
      const item: unknown = value[i];
      if (i > 0 && typeof item !== typeof items[0]) return undefined;
      if (typeof item === "string") items.push(cutText(item, length));
      else if (typeof item === "number" || typeof item === "boolean") {
        items.push(item);
      } else return undefined;
    }
    return items as readonly string[];
  } catch {
    return undefined; // a proxy or a getter throws
  }
}

/** Returns the size of a value; see `SpanLimits.totalLength`. */
export function sizeOf(value: AttributeValue): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object") return ENTRY_SIZE;
  let size = ENTRY_SIZE * value.length;
  for (const item of value) if (typeof item === "string") size += item.length;
  return size;
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
  const stack = errorStack(error);
  if (stack !== undefined) attributes["exception.stacktrace"] = stack;
  return attributes;
}

/** Attributes in OTLP/JSON, for all signals. */
import type { Attributes, AttributeValue } from "../../trace/mod.ts";
import { checkedList, checkedText } from "./checked.ts";
import { isInteger } from "./numbers.ts";

/**
 * Returns a text that JSON readers accept.
 *
 * @throws {TypeError} If it is no text.
 */
export function wellFormed(text: string): string {
  return checkedText(text).toWellFormed();
}

/**
 * Returns attributes as a list of `KeyValue`.
 *
 * @throws {TypeError} If one of them is malformed.
 */
export function pairs(attributes: Attributes): object[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key: key.toWellFormed(),
    value: valueOf(value),
  }));
}

function valueOf(value: AttributeValue): object {
  switch (typeof value) {
    case "string":
      return { stringValue: value.toWellFormed() };
    case "boolean":
      return { boolValue: value };
    case "number":
      if (isInteger(value)) return { intValue: String(value) };
      // JSON has no numbers for NaN and the infinities.
      return { doubleValue: Number.isFinite(value) ? value : String(value) };
    default:
      // `Array.from`, unlike `map`, does not skip holes.
      return {
        arrayValue: {
          values: Array.from<AttributeValue, object>(
            checkedList(value),
            valueOf,
          ),
        },
      };
  }
}

/** Attributes in OTLP/protobuf, for all signals. */
import type { FullProtoWriter } from "../../base/internal.ts";
import type { Attributes, AttributeValue } from "../../trace/mod.ts";
import { checkedList, checkedText } from "./checked.ts";
import { isInteger } from "./numbers.ts";

/**
 * Writes a text unless it is empty: protobuf omits default values.
 *
 * @throws {TypeError} If it is no text.
 */
export function writeText(
  proto: FullProtoWriter,
  field: number,
  text: string,
): void {
  if (checkedText(text) !== "") proto.string(field, text);
}

/**
 * Writes attributes as messages `KeyValue`.
 *
 * @throws {TypeError} If one of them is malformed.
 */
export function writePairs(
  proto: FullProtoWriter,
  field: number,
  attributes: Attributes,
): void {
  for (const [key, value] of Object.entries(attributes)) {
    const at = proto.open(field);
    proto.string(1, key);
    writeValue(proto, 2, value);
    proto.close(at);
  }
}

/** Writes a message `AnyValue`. */
function writeValue(
  proto: FullProtoWriter,
  field: number,
  value: AttributeValue,
): void {
  const at = proto.open(field);
  if (typeof value === "string") proto.string(1, value);
  else if (typeof value === "boolean") proto.unsigned(2, value ? 1 : 0);
  else if (typeof value !== "number") {
    const list = proto.open(5);
    for (const item of checkedList(value)) writeValue(proto, 1, item);
    proto.close(list);
  } else if (isInteger(value)) proto.signed(3, value);
  else proto.double(4, value);
  proto.close(at);
}

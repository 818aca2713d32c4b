/** Attributes of OTLP as texts, and resources as senders. */
import { cutText } from "../base/internal.ts";
import { otelValueText } from "../model/internal.ts";
import type { AnyValue, KeyValue } from "./wire/messages.ts";

/** An attribute whose value is text. */
export type Attribute = readonly [key: string, text: string];

/** Returns attributes with texts as values, without those that have none. */
export function attributesOf(list: readonly KeyValue[]): Attribute[] {
  const attributes: Attribute[] = [];
  for (const { key = "", value } of list) {
    const text = value === undefined ? "" : textOf(value);
    if (key !== "" && text !== "") attributes.push([key, text]);
  }
  return attributes;
}

/** Returns the text of a value; `""` if it has none. */
export function textOf(value: AnyValue): string {
  return otelValueText(plainValue(value));
}

/** Returns a value as JSON can have it; only a bigint at the top stays one. */
function plainValue(value: AnyValue): unknown {
  if (value.arrayValue !== undefined) {
    return value.arrayValue.values.map(nestedValue);
  }
  if (value.kvlistValue !== undefined) {
    const { values } = value.kvlistValue;
    // Not assigned one by one: `__proto__` is a key, too.
    return Object.fromEntries(
      values.map(({ key = "", value = {} }) => [key, nestedValue(value)]),
    );
  }
  return value.stringValue ?? value.boolValue ?? value.intValue ??
    value.doubleValue ?? value.bytesValue;
}

function nestedValue(value: AnyValue): unknown {
  const plain = plainValue(value);
  return typeof plain === "bigint" ? Number(plain) : plain ?? null;
}

/** The process that sends metrics, as its resource describes it. */
export interface Origin {
  /** The labels `job` and `instance`, as far as they are known. */
  readonly labels: ReadonlyMap<string, string>;
  /** The other attributes of the resource. */
  readonly attributes: readonly Attribute[];
}

/** The attributes of a resource that become the labels `job` and `instance`. */
const NAME = "service.name";
const NAMESPACE = "service.namespace";
const INSTANCE = "service.instance.id";
const IDENTITY = [NAME, NAMESPACE, INSTANCE];

/**
 * Returns the origin of a resource: `job` is `service.namespace/service.name`,
 * `instance` is `service.instance.id`. Texts are cut to `maxLength`.
 */
export function originOf(
  resource: readonly KeyValue[],
  maxLength: number,
): Origin {
  const all = attributesOf(resource).map(([key, text]): Attribute => [
    key,
    cutText(text, maxLength),
  ]);
  const texts = new Map(all);
  const labels = new Map<string, string>();
  const name = texts.get(NAME);
  const namespace = texts.get(NAMESPACE);
  const instance = texts.get(INSTANCE);
  if (name !== undefined) {
    labels.set("job", namespace === undefined ? name : `${namespace}/${name}`);
  }
  if (instance !== undefined) labels.set("instance", instance);
  const attributes = all.filter(([key]) => !IDENTITY.includes(key));
  return { labels, attributes };
}

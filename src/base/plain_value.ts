/**
 * Copies the fields of a log event: bounded, without references to objects of
 * the program, which may be large and change later.
 *
 * Objects, getters and `toJSON` of users may throw or be endless: the copy has
 * limits for depth, number and text, and whatever throws is left out.
 */
import { cutText, MAX_TEXT } from "./cut_text.ts";
import { errorMessage, errorStack, errorType, isError } from "./thrown.ts";

/** A copied value. */
export type PlainValue =
  | null
  | string
  | boolean
  | number
  | bigint
  | Uint8Array
  | readonly PlainValue[]
  | PlainFields;

/** Copied values by name. */
export interface PlainFields {
  readonly [name: string]: PlainValue;
}

/** The copied fields of a log event. */
export interface CopiedFields {
  readonly fields: PlainFields;
  /** The number of fields that were left out, because there are too many. */
  readonly dropped: number;
}

/** Maximum number of fields, OpenTelemetry's default, and of items of a list. */
const MAX_ITEMS = 128;
/** Maximum length of a name in UTF-16 code units. */
const MAX_NAME = 256;
/** Maximum number of values in all fields of an event. */
const MAX_VALUES = 1024;
/** Maximum length of all texts and bytes in the fields of an event. */
const MAX_TOTAL = 16_384;
/** Maximum number of objects and lists within each other. */
const MAX_DEPTH = 6;

/** Integers that a signed integer of 64 bits can hold. */
const MAX_INT64 = 2n ** 63n;

/**
 * Returns a copy of `fields`. The first field that holds an error becomes
 * `exception.type`, `exception.message` and `exception.stacktrace`, the names of
 * OpenTelemetry. Never throws. Cost: linear in the copied values.
 *
 * With `isJson`, the copy has only values that JSON can express: large integers
 * and non-finite numbers as texts, bytes in base64.
 */
export function plainFields(fields: unknown, isJson: boolean): CopiedFields {
  const copier = new Copier(isJson);
  const entries: [string, PlainValue][] = [];
  let dropped = 0;
  let hasException = false;
  for (const name of namesOf(fields)) {
    const value = valueOf(fields, name);
    if (value === undefined) continue;
    if (entries.length >= MAX_ITEMS || copier.isFull) {
      dropped++;
    } else if (!hasException && isError(value)) {
      hasException = true;
      entries.push(...copier.exception(value));
    } else entries.push([copier.text(name, MAX_NAME), copier.copy(value, 1)]);
  }
  return { fields: Object.fromEntries(entries), dropped };
}

/**
 * Returns any value as text of one event: texts as they are, errors without their
 * stack, and other values as bounded JSON. Never throws.
 */
export function plainText(value: unknown): string {
  if (typeof value === "string") return cutText(value);
  if (typeof value !== "object" || value === null) return scalarText(value);
  const copy = new Copier(true).copy(value, 0);
  return typeof copy === "string" ? copy : JSON.stringify(copy);
}

function scalarText(value: unknown): string {
  if (typeof value !== "function") return cutText(String(value));
  const name = valueOf(value, "name");
  return typeof name === "string"
    ? `[function ${cutText(name)}]`
    : "[function]";
}

function namesOf(value: unknown): readonly string[] {
  try {
    return typeof value === "object" && value !== null
      ? Object.keys(value)
      : [];
  } catch {
    return []; // a proxy
  }
}

function valueOf(value: unknown, name: string): unknown {
  try {
    return (value as Readonly<Record<string, unknown>>)[name];
  } catch {
    return undefined; // a getter or a proxy
  }
}

/** Copies the values of one event within its limits. */
class Copier {
  readonly #isJson: boolean;
  #values = 0;
  #total = 0;

  constructor(isJson: boolean) {
    this.#isJson = isJson;
  }

  /** Whether nothing more has room. */
  get isFull(): boolean {
    return this.#values >= MAX_VALUES || this.#total >= MAX_TOTAL;
  }

  /** Returns a copy of a text, cut to `length` and to the room that is left. */
  text(text: string, length = MAX_TEXT): string {
    const cut = cutText(text, Math.min(length, MAX_TOTAL - this.#total));
    this.#total += cut.length;
    return cut;
  }

  /** Returns an error in one line. */
  error(error: unknown): string {
    const type = errorType(error);
    const message = errorMessage(error);
    return this.text(message === "" ? type : `${type}: ${message}`);
  }

  /** Returns the attributes of an exception. */
  exception(error: unknown): [string, PlainValue][] {
    const entries: [string, PlainValue][] = [
      ["exception.type", this.text(errorType(error))],
      ["exception.message", this.text(errorMessage(error))],
    ];
    const stack = errorStack(error);
    if (stack !== undefined) {
      entries.push(["exception.stacktrace", this.text(stack)]);
    }
    return entries;
  }

  /** Returns a copy of `value`, which is within `depth` others. */
  copy(value: unknown, depth: number): PlainValue {
    this.#values++;
    switch (typeof value) {
      case "string":
        return this.text(value);
      case "boolean":
        return value;
      case "number":
        if (!this.#isJson) return value;
        return Number.isFinite(value) ? value + 0 : String(value); // never -0
      case "bigint":
        return this.#integer(value);
      case "undefined":
        return null;
      case "object":
        return value === null ? null : this.#object(value, depth);
      default:
        return this.text(scalarText(value));
    }
  }

  #integer(value: bigint): PlainValue {
    const number = Number(value);
    if (Number.isSafeInteger(number)) return number;
    return this.#isJson || value < -MAX_INT64 || value >= MAX_INT64
      ? this.text(String(value))
      : value;
  }

  #object(value: object, depth: number): PlainValue {
    if (isError(value)) return this.error(value);
    try {
      if (value instanceof Uint8Array) return this.#bytes(value);
      if (depth >= MAX_DEPTH || this.isFull) {
        return Array.isArray(value) ? "[array]" : "[object]";
      }
      if (Array.isArray(value) || isTypedArray(value)) {
        return this.#list(value, depth);
      }
      if (value instanceof Set) return this.#list(firstOf(value), depth);
      if (value instanceof Map) {
        return this.#fields(
          firstOf(value).map(([key, item]) => [String(key), item]),
          depth,
        );
      }
      const { toJSON } = value as { toJSON?: unknown };
      if (typeof toJSON === "function") {
        return this.copy(toJSON.call(value, ""), depth + 1);
      }
    } catch {
      return "[unreadable]"; // a proxy or a method of the program throws
    }
    const names = namesOf(value).slice(0, MAX_ITEMS);
    return this.#fields(
      names.map((name) => [name, valueOf(value, name)]),
      depth,
    );
  }

  #bytes(value: Uint8Array): PlainValue {
    const length = Math.min(MAX_TEXT, MAX_TOTAL - this.#total);
    const copy = new Uint8Array(value.subarray(0, length));
    this.#total += copy.length;
    return this.#isJson ? btoa(String.fromCharCode(...copy)) : copy;
  }

  #list(items: ArrayLike<unknown>, depth: number): PlainValue {
    const copies: PlainValue[] = [];
    // `map` would skip holes; a subclass could replace it.
    for (let i = 0; i < items.length && i < MAX_ITEMS; i++) {
      if (this.isFull) break;
      copies.push(this.copy(items[i], depth + 1));
    }
    return copies;
  }

  #fields(
    entries: readonly (readonly [string, unknown])[],
    depth: number,
  ): PlainValue {
    const copies: [string, PlainValue][] = [];
    for (const [name, value] of entries.slice(0, MAX_ITEMS)) {
      if (this.isFull) break;
      if (value === undefined) continue;
      copies.push([this.text(name, MAX_NAME), this.copy(value, depth + 1)]);
    }
    return Object.fromEntries(copies);
  }
}

/** Returns the first items, at most `MAX_ITEMS`. */
function firstOf<T>(items: Iterable<T>): T[] {
  const first: T[] = [];
  for (const item of items) {
    if (first.push(item) === MAX_ITEMS) break;
  }
  return first;
}

function isTypedArray(value: object): value is object & ArrayLike<unknown> {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

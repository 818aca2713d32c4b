/**
 * Decodes a request of OTLP from protobuf or JSON into the same objects.
 *
 * - Every body is accepted or a `MalformedError`; nothing else is thrown.
 * - Unknown fields are skipped, and so are known ones of another wire type.
 * - The number of messages and list elements is limited: two bytes of a body can
 *   make an object of a hundred.
 */
import {
  FIXED_64,
  LENGTH,
  MalformedError,
  MAX_DEPTH,
  ProtoReader,
  tooDeep,
  VARINT,
} from "./reader.ts";
import type { ExportRequest } from "./messages.ts";
import { EXPORT_REQUEST, type Field, Message, type Scalar } from "./schema.ts";

/** The maximum number of messages of a request, at all levels. */
const MAX_MESSAGES = 250_000;

/** The maximum number of elements of a list. */
const MAX_NUMBERS = 100_000;

/** A message that is being decoded. */
type Fields = Record<string, unknown>;

/**
 * Decodes a request from protobuf.
 *
 * @throws {MalformedError} If it is none.
 */
export function decodeProto(body: Uint8Array): ExportRequest {
  return new ProtoDecoder(body).message(EXPORT_REQUEST) as never;
}

/**
 * Decodes a request from JSON.
 *
 * @throws {MalformedError} If it is none.
 */
export function decodeJson(body: Uint8Array): ExportRequest {
  checkJson(body);
  let tree: unknown;
  try {
    tree = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new MalformedError("it is not JSON in UTF-8");
  }
  return new JsonDecoder().message(
    EXPORT_REQUEST,
    tree,
    "the request",
  ) as never;
}

/** The maximum number of objects and lists of a request in JSON. */
const MAX_CONTAINERS = 2 * MAX_MESSAGES;

/** The maximum depth of JSON: a message is an object, often in a list. */
const MAX_JSON_DEPTH = 4 * MAX_DEPTH;

/** Refuses JSON that would take long to parse: the parser has no limits. */
function checkJson(body: Uint8Array): void {
  let [depth, containers, isText] = [0, 0, false];
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]!;
    if (byte === QUOTE) isText = !isText;
    else if (isText) {
      if (byte === BACKSLASH) at++;
      // `[` and `{` differ in a bit, and so do `]` and `}`.
    } else if ((byte | 32) === OPENING) {
      if (++depth > MAX_JSON_DEPTH) throw tooDeep();
      if (++containers > MAX_CONTAINERS) throw tooMany();
    } else if ((byte | 32) === CLOSING) depth--;
  }
}

const [QUOTE, BACKSLASH, OPENING, CLOSING] = [0x22, 0x5c, 0x7b, 0x7d];

function tooMany(): MalformedError {
  return new MalformedError(
    `it has more than ${MAX_MESSAGES} messages; send fewer at a time`,
  );
}

/** Counts messages, and makes them with their empty lists. */
class Maker {
  #left = MAX_MESSAGES;

  make({ lists }: Message): Fields {
    if (this.#left-- === 0) throw tooMany();
    const made: Fields = {};
    for (let i = 0; i < lists.length; i++) made[lists[i]!] = [];
    return made;
  }
}

/** Puts a value into a message; the last field of a group is the one present. */
function put(into: Fields, { name, isList, others }: Field, value: unknown) {
  if (!isList) {
    into[name] = value;
    for (let i = 0; i < others.length; i++) {
      // `delete` makes an object slow, also if it deletes nothing.
      if (into[others[i]!] !== undefined) delete into[others[i]!];
    }
    return;
  }
  append(into[name] as unknown[], name, value);
}

function append(list: unknown[], name: string, value: unknown): void {
  if (list.length === MAX_NUMBERS) {
    throw new MalformedError(`${name} has more than ${MAX_NUMBERS} elements`);
  }
  list.push(value);
}

/** How each scalar is read from protobuf, and its wire type. */
const READ: Readonly<
  Record<Scalar, readonly [type: number, read: (from: ProtoReader) => unknown]>
> = {
  text: [LENGTH, (from) => from.text()],
  id: [LENGTH, (from) => hexOf(from.bytes())],
  bytes: [LENGTH, (from) => base64Of(from.bytes())],
  bool: [VARINT, (from) => from.bool()],
  double: [FIXED_64, (from) => from.double()],
  enum: [VARINT, (from) => from.int32()],
  uint32: [VARINT, (from) => from.int32() >>> 0],
  sint32: [VARINT, (from) => from.sint32()],
  uint64: [VARINT, (from) => from.unsigned()],
  int64: [VARINT, (from) => from.int64()],
  fixed64: [FIXED_64, (from) => from.fixed64()],
  sfixed64: [FIXED_64, (from) => from.sfixed64()],
};

class ProtoDecoder {
  readonly #maker = new Maker();
  readonly #from: ProtoReader;

  constructor(body: Uint8Array) {
    this.#from = new ProtoReader(body);
  }

  /** Reads the rest of a message into `into`. */
  message(
    type: Message,
    into: Fields = this.#maker.make(type),
    depth = 0,
  ): Fields {
    if (depth > MAX_DEPTH) throw tooDeep();
    const from = this.#from;
    while (!from.isAtEnd) {
      const tag = from.tag();
      const field = type.byNumber[tag >>> 3];
      if (field === undefined || !this.#field(field, tag & 7, into, depth)) {
        from.skip(tag);
      }
    }
    return into;
  }

  /** Reads a field; returns false if its wire type is not the one of its type. */
  #field(field: Field, wire: number, into: Fields, depth: number): boolean {
    const from = this.#from;
    const { type, isList } = field;
    if (type instanceof Message) {
      if (wire !== LENGTH) return false;
      const outer = from.enter();
      // A single message that comes in pieces is the sum of them.
      const known = isList ? undefined : into[field.name] as Fields | undefined;
      const value = this.message(type, known, depth + 1);
      put(into, field, value);
      from.leave(outer);
      return true;
    }
    const [own, read] = READ[type];
    if (own === LENGTH) {
      if (wire !== LENGTH) return false;
      const outer = from.enter();
      put(into, field, read(from));
      from.leave(outer);
      return true;
    }
    if (wire === own) {
      put(into, field, read(from));
      return true;
    }
    if (!isList || wire !== LENGTH) return false;
    const outer = from.enter();
    const list = into[field.name] as unknown[];
    while (!from.isAtEnd) append(list, field.name, read(from));
    from.leave(outer);
    return true;
  }
}

class JsonDecoder {
  readonly #maker = new Maker();

  /** Reads a message; `place` names it in errors. */
  message(type: Message, tree: unknown, place: string, depth = 0): Fields {
    if (depth > MAX_DEPTH) throw tooDeep();
    if (typeof tree !== "object" || tree === null || Array.isArray(tree)) {
      throw new MalformedError(`${place} must be an object`);
    }
    const into = this.#maker.make(type);
    for (const field of type.byName.values()) {
      const { name, isList } = field;
      if (!Object.hasOwn(tree, name)) continue;
      const value = (tree as Fields)[name];
      if (value === null) continue; // JSON of protobuf: absent
      if (!isList) put(into, field, this.#value(field, value, depth));
      else if (Array.isArray(value)) {
        for (const each of value) {
          put(into, field, this.#value(field, each, depth));
        }
      } else throw new MalformedError(`${name} must be a list`);
    }
    return into;
  }

  #value({ type, name }: Field, value: unknown, depth: number): unknown {
    if (type instanceof Message) {
      return this.message(type, value, name, depth + 1);
    }
    const read = fromJson(type, value);
    if (read !== undefined) return read;
    throw new MalformedError(`${name} must be ${WORDS[type]}`);
  }
}

/** The legal values of each scalar in JSON, in words. */
const WORDS: Readonly<Record<Scalar, string>> = {
  text: "text",
  id: "hexadecimal digits",
  bytes: "base64",
  bool: "true or false",
  double: 'a number, "NaN", "Infinity" or "-Infinity"',
  enum: "a whole number",
  uint32: "a whole number",
  sint32: "a whole number",
  uint64: "a whole number, or its digits as text",
  int64: "a whole number, or its digits as text",
  fixed64: "a whole number, or its digits as text",
  sfixed64: "a whole number, or its digits as text",
};

/** Returns a scalar of JSON; undefined if it is of another type. */
function fromJson(type: Scalar, value: unknown): unknown {
  switch (type) {
    case "text":
      // As it is decoded from UTF-8.
      return typeof value === "string" ? value.toWellFormed() : undefined;
    case "bytes":
      return typeof value === "string" && /^[\w+/=-]*$/.test(value)
        ? value
        : undefined;
    case "id":
      return typeof value === "string" && value.length % 2 === 0 &&
          /^[\da-f]*$/i.test(value)
        ? value.toLowerCase()
        : undefined;
    case "bool":
      return typeof value === "boolean" ? value : undefined;
    case "double":
      return doubleOf(value);
    case "int64":
      return integerOf(value);
    case "sfixed64": {
      const integer = integerOf(value);
      return integer === undefined ? undefined : Number(integer);
    }
    case "uint64":
    case "fixed64": {
      const integer = integerOf(value);
      return integer === undefined || integer < 0 ? undefined : Number(integer);
    }
    case "uint32":
      return isWithin(value, 0, 2 ** 32 - 1);
    case "enum":
    case "sint32":
      return isWithin(value, -(2 ** 31), 2 ** 31 - 1);
  }
}

function isWithin(value: unknown, min: number, max: number) {
  const isLegal = Number.isInteger(value) && value as number >= min &&
    value as number <= max;
  return isLegal ? value : undefined;
}

function doubleOf(value: unknown): number | undefined {
  if (typeof value === "number") return value;
  if (typeof value !== "string") return undefined;
  const isNumber = /^-?(?:Infinity|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)$|^NaN$/;
  return isNumber.test(value) ? Number(value) : undefined;
}

/** Returns an integer of at most 64 bits; a bigint if it is not safe. */
function integerOf(value: unknown): number | bigint | undefined {
  if (typeof value === "number") {
    return Number.isInteger(value) && Math.abs(value) < 2 ** 64
      ? value
      : undefined;
  }
  if (typeof value !== "string" || !/^-?\d{1,20}$/.test(value)) {
    return undefined;
  }
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  const integer = BigInt(value);
  return integer >= -(2n ** 63n) && integer < 2n ** 64n ? integer : undefined;
}

function hexOf(bytes: Uint8Array): string {
  // More than an id has would be repeated for nothing.
  let text = "";
  for (const byte of bytes.subarray(0, 64)) {
    text += byte.toString(16).padStart(2, "0");
  }
  return text;
}

/** Bytes that become text at once: the number of arguments of a call is limited. */
const SLICE = 8192;

function base64Of(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += SLICE) {
    text += String.fromCharCode(...bytes.subarray(at, at + SLICE));
  }
  return btoa(text);
}

/**
 * Reads the requests of a span exporter as a collector does: protobuf with an
 * independent decoder, JSON by the JSON rules of the OTLP specification.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import protobuf from "protobufjs";

const schema = readFileSync(new URL("./otlp.proto", import.meta.url), "utf8");
const { root } = protobuf.parse(schema);
const Request = root.lookupType("otlp.ExportTraceServiceRequest");
const Answer = root.lookupType("otlp.ExportTraceServiceResponse");

/** The value of an attribute; a number keeps whether it was an integer. */
export type Seen =
  | string
  | boolean
  | { readonly int: string }
  | { readonly double: number }
  | readonly Seen[];

export type SeenPairs = Readonly<Record<string, Seen>>;

/** A span as a collector stores it. */
export interface SeenSpan {
  readonly scope: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly parentSpanId: string;
  readonly flags: number;
  readonly name: string;
  readonly kind: number;
  /** Nanoseconds, in decimal digits. */
  readonly start: string;
  readonly end: string;
  readonly attributes: SeenPairs;
  readonly events: readonly (readonly [string, string, SeenPairs])[];
  readonly links: readonly (readonly [string, string, string, SeenPairs])[];
  readonly status: readonly [number, string];
  readonly dropped: readonly [number, number, number];
}

/** The content of one request. */
export interface SeenExport {
  readonly resource: SeenPairs;
  readonly spans: readonly SeenSpan[];
}

type Tree = Readonly<Record<string, unknown>>;

/** Reads the body of a request by its content type. */
export function readExport(body: Uint8Array, contentType: string): SeenExport {
  if (contentType === "application/json") {
    return seenExport(JSON.parse(new TextDecoder().decode(body)), (id) => id);
  }
  assert.equal(contentType, "application/x-protobuf");
  const message = Request.decode(body);
  // Fields outside the schema would be lost when the message is encoded again.
  const again = Request.encode(message).finish().length;
  assert.equal(again, body.length, "no fields outside the schema");
  const tree = Request.toObject(message, { longs: String, bytes: String });
  return seenExport(tree, hexOfBase64);
}

/** Returns the response of a collector that rejected `rejected` spans. */
export function partialSuccess(
  rejected: number,
  contentType: string,
): Uint8Array<ArrayBuffer> {
  const tree = { partialSuccess: { rejectedSpans: rejected } };
  if (contentType === "application/json") {
    const text = { partialSuccess: { rejectedSpans: String(rejected) } };
    return new TextEncoder().encode(JSON.stringify(text));
  }
  return new Uint8Array(Answer.encode(Answer.fromObject(tree)).finish());
}

function hexOfBase64(text: string): string {
  return Array.from(
    atob(text),
    (char) => char.charCodeAt(0).toString(16).padStart(2, "0"),
  ).join("");
}

function seenExport(tree: Tree, idOf: (id: string) => string): SeenExport {
  const [first, ...rest] = listOf(tree["resourceSpans"]);
  assert.ok(first !== undefined && rest.length === 0, "one resource");
  const resource = first["resource"] as Tree;
  const scopes = new Set<string>();
  const spans = listOf(first["scopeSpans"]).flatMap((group) => {
    const { name = "", version = "" } = group["scope"] as Tree;
    const scope = `${name}@${version}`;
    assert.ok(!scopes.has(scope), `${scope} once`);
    scopes.add(scope);
    return listOf(group["spans"]).map((span) => seenSpan(span, scope, idOf));
  });
  return { resource: pairsOf(resource["attributes"]), spans };
}

function seenSpan(
  span: Tree,
  scope: string,
  idOf: (id: string) => string,
): SeenSpan {
  const text = (name: string) => String(span[name] ?? "");
  const count = (name: string) => wholeOf(span[name]);
  const { code = 0, message = "" } = span["status"] as Tree;
  const traceId = idOf(text("traceId"));
  const spanId = idOf(text("spanId"));
  assert.match(traceId, /^[0-9a-f]{32}$/);
  assert.match(spanId, /^[0-9a-f]{16}$/);
  return {
    scope,
    traceId,
    spanId,
    traceState: text("traceState"),
    parentSpanId: idOf(text("parentSpanId")),
    flags: count("flags"),
    name: text("name"),
    kind: count("kind"),
    start: longOf(span["startTimeUnixNano"]),
    end: longOf(span["endTimeUnixNano"]),
    attributes: pairsOf(span["attributes"]),
    events: listOf(span["events"]).map(({ name, timeUnixNano, attributes }) =>
      [
        String(name ?? ""),
        longOf(timeUnixNano),
        pairsOf(attributes),
      ] as const
    ),
    links: listOf(span["links"]).map((link) =>
      [
        idOf(String(link["traceId"])),
        idOf(String(link["spanId"])),
        String(link["traceState"] ?? ""),
        pairsOf(link["attributes"]),
      ] as const
    ),
    status: [wholeOf(code), String(message)],
    dropped: [
      count("droppedAttributesCount"),
      count("droppedEventsCount"),
      count("droppedLinksCount"),
    ],
  };
}

function listOf(value: unknown): readonly Tree[] {
  return (value ?? []) as readonly Tree[];
}

/** Reads a 64-bit integer: a string in JSON and in decoded protobuf. */
function longOf(value: unknown = "0"): string {
  assert.ok(typeof value === "string" && /^-?[0-9]+$/.test(value));
  return value;
}

/** Reads a 32-bit integer or an enum: a number. */
function wholeOf(value: unknown = 0): number {
  assert.ok(Number.isInteger(value));
  return value as number;
}

function pairsOf(value: unknown): SeenPairs {
  const pairs: Record<string, Seen> = {};
  for (const { key = "", value: seen } of listOf(value)) {
    assert.ok(!Object.hasOwn(pairs, String(key)), `${key} once`);
    pairs[String(key)] = seenValue((seen ?? {}) as Tree);
  }
  return pairs;
}

function seenValue(value: Tree): Seen {
  const [[kind, content] = [], ...rest] = Object.entries(value);
  assert.equal(rest.length, 0, "a value of one kind");
  switch (kind) {
    case "stringValue":
      return String(content);
    case "boolValue":
      assert.equal(typeof content, "boolean");
      return Boolean(content);
    case "intValue":
      return { int: longOf(content) };
    case "doubleValue":
      assert.ok(
        Number.isFinite(content) ||
          ["NaN", "Infinity", "-Infinity"].includes(String(content)),
      );
      return { double: Number(content) };
    case "arrayValue":
      return listOf((content as Tree)["values"]).map(seenValue);
    default:
      throw new Error(`a value of kind ${kind}`);
  }
}

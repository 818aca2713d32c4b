/** Reads OTLP requests with logs by the published `.proto` files. */
import assert from "node:assert/strict";
import protobuf from "protobufjs";
import { programOf } from "../oracle/programs.ts";

export type Tree = Readonly<Record<string, unknown>>;

const PACKAGE = "opentelemetry.proto.collector.logs.v1";

let requests: protobuf.Type | undefined;

/** Returns the message `ExportLogsServiceRequest`. */
function requestType(): protobuf.Type {
  if (requests !== undefined) return requests;
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) =>
    `${programOf("OTLP_PROTOS")}/${target}`;
  root.loadSync("opentelemetry/proto/collector/logs/v1/logs_service.proto");
  return requests = root.lookupType(`${PACKAGE}.ExportLogsServiceRequest`);
}

/** A request with log events. */
export interface SeenLogs {
  readonly resource: readonly Tree[];
  readonly scope: Tree;
  /** Without members that have the default of protobuf. */
  readonly records: readonly Tree[];
}

/** Reads a request by its content type; both encodings give the same. */
export function readLogs(body: Uint8Array, contentType: string): SeenLogs {
  if (contentType === "application/json") {
    return seenLogs(JSON.parse(new TextDecoder().decode(body)), (id) => id);
  }
  assert.equal(contentType, "application/x-protobuf");
  const type = requestType();
  const message = type.decode(body);
  // Fields outside the schema would be lost when the message is encoded again.
  const again = type.encode(message).finish().length;
  assert.equal(again, body.length, "no fields outside the schema");
  const tree = type.toObject(message, { longs: String, bytes: String });
  return seenLogs(tree, hexOfBase64);
}

function hexOfBase64(text: string): string {
  return Array.from(
    atob(text),
    (char) => char.charCodeAt(0).toString(16).padStart(2, "0"),
  ).join("");
}

function seenLogs(tree: Tree, idOf: (id: string) => string): SeenLogs {
  const { resource, scopeLogs } = onlyOf(tree["resourceLogs"]) as Tree;
  const { scope, logRecords } = onlyOf(scopeLogs) as Tree;
  return {
    resource: (resource as Tree)["attributes"] as readonly Tree[],
    scope: scope as Tree,
    records: (logRecords as readonly Tree[]).map((record) =>
      Object.fromEntries(
        Object.entries(record).map(([name, value]) => [
          name,
          name === "traceId" || name === "spanId"
            ? idOf(value as string)
            : numbersOf(value),
        ]).filter(([, value]) => !Array.isArray(value) || value.length > 0),
      )
    ),
  };
}

function onlyOf(list: unknown): unknown {
  const [first, ...rest] = list as readonly unknown[];
  assert.equal(rest.length, 0);
  return first;
}

/**
 * Returns `value` without empty keys and lists, which protobuf omits, and with
 * doubles as numbers, which JSON writes as text if needed.
 */
function numbersOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(numbersOf);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([name, member]) =>
      name === "key" ? member !== "" : name !== "values" ||
        (member as readonly unknown[]).length > 0
    ).map(([name, member]) => [
      name,
      name === "doubleValue" ? Number(member) : numbersOf(member),
    ]),
  );
}

/** Requests of OTLP metrics in protobuf, by protobufjs, and in JSON. */
import { Buffer } from "node:buffer";
import protobuf from "protobufjs";
import { programOf } from "../oracle/programs.ts";
import type { ExportRequest } from "../../src/receiver/wire/messages.ts";

type Tree = Record<string, unknown>;

/** The keys of bytes that have hexadecimal digits in JSON. */
const IDS = ["traceId", "spanId"];

/** The keys of integers of 64 bits, which JSON may write as text. */
const LONGS = [
  "asInt",
  "bucketCounts",
  "count",
  "intValue",
  "startTimeUnixNano",
  "timeUnixNano",
  "zeroCount",
];

const SERVICE =
  "opentelemetry/proto/collector/metrics/v1/metrics_service.proto";

/** Returns a published message of the service, for protobufjs. */
export function typeOf(name: string): protobuf.Type {
  const root = new protobuf.Root();
  const folder = programOf("OTLP_PROTOS")!;
  root.resolvePath = (_, target) => `${folder}/${target}`;
  root.loadSync(SERVICE);
  return root.lookupType(`opentelemetry.proto.collector.metrics.v1.${name}`);
}

let requestType: protobuf.Type | undefined;

/** Encodes a request by protobufjs, with the published messages. */
export function protoOf(request: ExportRequest): Uint8Array<ArrayBuffer> {
  const type = requestType ??= typeOf("ExportMetricsServiceRequest");
  const tree = mapped(request, (key, value) => {
    if (IDS.includes(key)) return Buffer.from(value as string, "hex");
    if (key === "bytesValue") return Buffer.from(value as string, "base64");
    return LONGS.includes(key) ? String(BigInt(value as number)) : value;
  });
  return new Uint8Array(type.encode(type.fromObject(tree)).finish());
}

/** Encodes a request as JSON; `asText`: integers of 64 bits as text. */
export function jsonOf(
  request: object,
  asText = true,
): Uint8Array<ArrayBuffer> {
  const tree = mapped(request, (key, value) => {
    if (typeof value === "number" && !Number.isFinite(value)) {
      return String(value);
    }
    const isInteger = typeof value === "bigint" ||
      (asText && LONGS.includes(key) && Number.isInteger(value));
    return isInteger ? String(BigInt(value as number)) : value;
  });
  return new TextEncoder().encode(JSON.stringify(tree));
}

/** Returns a copy whose leaves are those that `map` returns. */
function mapped(
  tree: object,
  map: (key: string, value: unknown) => unknown,
): Tree {
  const copy = (key: string, value: unknown): unknown => {
    if (Array.isArray(value)) return value.map((each) => copy(key, each));
    if (typeof value === "object" && value !== null) return mapped(value, map);
    return map(key, value);
  };
  if (Array.isArray(tree)) return copy("", tree) as Tree;
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [key, copy(key, value)]),
  );
}

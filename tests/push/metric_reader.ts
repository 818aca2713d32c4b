/** Reads OTLP requests with metrics by the published `.proto` files. */
import assert from "node:assert/strict";
import protobuf from "protobufjs";
import { programOf } from "../oracle/programs.ts";

export type Tree = Readonly<Record<string, unknown>>;

let request: protobuf.Type | undefined;

/** Returns the message `ExportMetricsServiceRequest`. */
function requestType(): protobuf.Type {
  if (request !== undefined) return request;
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) =>
    `${programOf("OTLP_PROTOS")}/${target}`;
  root.loadSync(
    "opentelemetry/proto/collector/metrics/v1/metrics_service.proto",
  );
  return request = root.lookupType(
    "opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest",
  );
}

/** Members whose defaults protobuf omits. */
const IMPLICIT: ReadonlySet<string> = new Set([
  "zeroCount",
  "zeroThreshold",
  "scale",
  "offset",
  "count",
  "isMonotonic",
  "description",
  "name",
  "unit",
  "version",
  "attributes",
  "filteredAttributes",
  "exemplars",
  "bucketCounts",
  "explicitBounds",
  "quantile",
  "value",
]);

/** Returns `value` without members that have the default of protobuf. */
function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([name, member]) =>
      !IMPLICIT.has(name) ||
      !(member === 0 || member === "0" || member === "" || member === false ||
        (Array.isArray(member) && member.length === 0))
    ).map(([name, member]) => [name, withoutDefaults(member)]),
  );
}

/** Returns `value` with ids in base64, as protobufjs reads bytes. */
function withBytes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withBytes);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      name === "traceId" || name === "spanId"
        ? btoa(String.fromCharCode(
          ...String(member).match(/../g)!.map((digits) => parseInt(digits, 16)),
        ))
        : withBytes(member),
    ]),
  );
}

/** Decodes a request of either encoding into the same tree. */
export function readMetrics(body: Uint8Array, contentType: string): Tree {
  const type = requestType();
  const isJson = contentType === "application/json";
  let bytes = body;
  if (isJson) {
    const tree = JSON.parse(new TextDecoder().decode(body));
    bytes = type.encode(type.fromObject(withBytes(tree) as object)).finish();
  } else assert.equal(contentType, "application/x-protobuf");
  const message = type.decode(bytes);
  // Fields outside the schema would be lost when the message is encoded again.
  const again = type.encode(message).finish().length;
  if (!isJson) assert.equal(again, body.length, "no fields outside the schema");
  const tree = type.toObject(message, { longs: String, bytes: String });
  return withoutDefaults(tree) as Tree;
}

/** A metric with its scope. */
export interface SeenMetric extends Tree {
  readonly name: string;
  readonly scope: Tree | undefined;
}

export function listOf(value: unknown): readonly Tree[] {
  return (value ?? []) as readonly Tree[];
}

/** Returns the attributes of a list of `KeyValue` whose values are of any type. */
export function pairsOf(value: unknown): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    listOf(value).map(({ key, value }) => [
      String(key ?? ""),
      Object.values((value ?? {}) as Tree)[0],
    ]),
  );
}

/** Returns the attributes of the only resource. */
export function resourceIn(tree: Tree): Readonly<Record<string, unknown>> {
  const [only, ...rest] = listOf(tree["resourceMetrics"]);
  assert.ok(only !== undefined && rest.length === 0, "one resource");
  return pairsOf((only["resource"] as Tree)["attributes"]);
}

/** Returns all metrics of a request. */
export function metricsIn(tree: Tree): SeenMetric[] {
  return listOf(tree["resourceMetrics"]).flatMap((resource) =>
    listOf(resource["scopeMetrics"]).flatMap((block) => {
      const metrics = listOf(block["metrics"]);
      assert.ok(metrics.length > 0, "no empty scope");
      return metrics.map((metric) => ({
        ...metric,
        name: String(metric["name"]),
        scope: block["scope"] as Tree | undefined,
      }));
    })
  );
}

/** The members of a metric that hold data. */
export const DATA = [
  "gauge",
  "sum",
  "histogram",
  "exponentialHistogram",
  "summary",
] as const;

/** Returns the points of a metric. */
export function pointsOf(metric: Tree): readonly Tree[] {
  const kinds = DATA.filter((name) => metric[name] !== undefined);
  assert.equal(kinds.length, 1, "one kind of data");
  const points = listOf((metric[kinds[0]!] as Tree)["dataPoints"]);
  assert.ok(points.length > 0, "no empty metric");
  return points;
}

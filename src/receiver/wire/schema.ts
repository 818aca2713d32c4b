/**
 * The messages of OTLP metrics, once for both encodings: the number of each field
 * in protobuf, its name in JSON, and its type.
 *
 * Fields that a receiver of Prometheus has no use for are missing: they are
 * skipped like those of later versions.
 */

/** The type of a field that is no message. */
export type Scalar =
  | "text"
  /** Bytes: hexadecimal digits in JSON and as decoded. */
  | "id"
  /** Bytes: base64 in JSON and as decoded. */
  | "bytes"
  | "bool"
  | "double"
  | "enum"
  | "uint32"
  | "sint32"
  /** A varint of 64 bits. */
  | "uint64"
  | "int64"
  /** Eight bytes. */
  | "fixed64"
  | "sfixed64";

/** A field of a message. */
export interface Field {
  readonly name: string;
  readonly number: number;
  /** A scalar, or the message of the field. */
  readonly type: Scalar | Message;
  readonly isList: boolean;
  /** The other fields of its group: at most one of them is present. */
  readonly others: readonly string[];
}

/** A message: its fields by number and by name. */
export class Message {
  /** Sparse: the index is the number of the field. */
  readonly byNumber: readonly (Field | undefined)[];
  readonly byName: ReadonlyMap<string, Field>;
  /** The names of the fields that are lists. */
  readonly lists: readonly string[];

  constructor(fields: readonly Field[]) {
    const byNumber: Field[] = [];
    for (const field of fields) byNumber[field.number] = field;
    // Complete: reading a hole looks into the prototype.
    this.byNumber = Array.from(byNumber);
    this.byName = new Map(fields.map((field) => [field.name, field]));
    this.lists = fields.filter(({ isList }) => isList).map(({ name }) => name);
  }
}

type Init = readonly [name: string, number: number, type: Scalar | Message];

/** Makes a message of single fields, of lists, and of a group of choices. */
function message(
  single: readonly Init[],
  lists: readonly Init[] = [],
  choices: readonly Init[] = [],
): Message {
  const names = choices.map(([name]) => name);
  const field = (
    [name, number, type]: Init,
    isList: boolean,
    group: readonly string[],
  ): Field => {
    const others = group.filter((other) => other !== name);
    return { name, number, type, isList, others };
  };
  return new Message([
    ...single.map((init) => field(init, false, [])),
    ...lists.map((init) => field(init, true, [])),
    ...choices.map((init) => field(init, false, names)),
  ]);
}

/** A value of any type; it holds itself, so its fields are read when used. */
function anyValue(): Message {
  const value = message([], [], [
    ["stringValue", 1, "text"],
    ["boolValue", 2, "bool"],
    ["intValue", 3, "int64"],
    ["doubleValue", 4, "double"],
    ["bytesValue", 7, "bytes"],
  ]);
  const keyValue = keyValueOf(value);
  const names = [...value.byName.keys(), "arrayValue", "kvlistValue"];
  const nested: [string, number, Message][] = [
    ["arrayValue", 5, message([], [["values", 1, value]])],
    ["kvlistValue", 6, message([], [["values", 1, keyValue]])],
  ];
  const fields = [
    ...value.byName.values(),
    ...nested.map(([name, number, type]) => ({
      name,
      number,
      type,
      isList: false,
      others: [],
    })),
  ].map((field): Field => ({
    ...field,
    others: names.filter((name) => name !== field.name),
  }));
  return Object.assign(value, new Message(fields));
}

function keyValueOf(value: Message): Message {
  return message([["key", 1, "text"], ["value", 2, value]]);
}

/** The message of a whole request. */
export const EXPORT_REQUEST: Message = /* @__PURE__ */ exportRequest();

function exportRequest(): Message {
  const keyValue = keyValueOf(anyValue());
  const times: Init[] = [
    ["startTimeUnixNano", 2, "fixed64"],
    ["timeUnixNano", 3, "fixed64"],
  ];
  const exemplar = message(
    [
      ["timeUnixNano", 2, "fixed64"],
      ["spanId", 4, "id"],
      ["traceId", 5, "id"],
    ],
    [["filteredAttributes", 7, keyValue]],
    [["asDouble", 3, "double"], ["asInt", 6, "sfixed64"]],
  );
  const number = message(
    [...times, ["flags", 8, "uint32"]],
    [["attributes", 7, keyValue], ["exemplars", 5, exemplar]],
    [["asDouble", 4, "double"], ["asInt", 6, "sfixed64"]],
  );
  const histogram = message(
    [
      ...times,
      ["count", 4, "fixed64"],
      ["sum", 5, "double"],
      ["flags", 10, "uint32"],
    ],
    [
      ["attributes", 9, keyValue],
      ["bucketCounts", 6, "fixed64"],
      ["explicitBounds", 7, "double"],
      ["exemplars", 8, exemplar],
    ],
  );
  const buckets = message(
    [["offset", 1, "sint32"]],
    [["bucketCounts", 2, "uint64"]],
  );
  const exponential = message(
    [
      ...times,
      ["count", 4, "fixed64"],
      ["sum", 5, "double"],
      ["scale", 6, "sint32"],
      ["zeroCount", 7, "fixed64"],
      ["positive", 8, buckets],
      ["negative", 9, buckets],
      ["flags", 10, "uint32"],
      ["zeroThreshold", 14, "double"],
    ],
    [["attributes", 1, keyValue], ["exemplars", 11, exemplar]],
  );
  const quantile = message([["quantile", 1, "double"], ["value", 2, "double"]]);
  const summary = message(
    [
      ...times,
      ["count", 4, "fixed64"],
      ["sum", 5, "double"],
      ["flags", 8, "uint32"],
    ],
    [["attributes", 7, keyValue], ["quantileValues", 6, quantile]],
  );
  const temporality: Init = ["aggregationTemporality", 2, "enum"];
  const pointsOf = (point: Message): Init[] => [["dataPoints", 1, point]];
  const metric = message(
    [["name", 1, "text"], ["description", 2, "text"], ["unit", 3, "text"]],
    [["metadata", 12, keyValue]],
    [
      ["gauge", 5, message([], pointsOf(number))],
      [
        "sum",
        7,
        message([temporality, ["isMonotonic", 3, "bool"]], pointsOf(number)),
      ],
      ["histogram", 9, message([temporality], pointsOf(histogram))],
      [
        "exponentialHistogram",
        10,
        message([temporality], pointsOf(exponential)),
      ],
      ["summary", 11, message([], pointsOf(summary))],
    ],
  );
  const scope = message(
    [["name", 1, "text"], ["version", 2, "text"]],
    [["attributes", 3, keyValue]],
  );
  const scopeMetrics = message(
    [["scope", 1, scope], ["schemaUrl", 3, "text"]],
    [["metrics", 2, metric]],
  );
  const resource = message([], [["attributes", 1, keyValue]]);
  const resourceMetrics = message(
    [["resource", 1, resource]],
    [["scopeMetrics", 2, scopeMetrics]],
  );
  return message([], [["resourceMetrics", 1, resourceMetrics]]);
}

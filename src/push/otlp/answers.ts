/** Reads the answers of OTLP collectors, as JSON and as protobuf. */
import type { Signal } from "./endpoint.ts";

/** The part of a response that reports about items. */
export interface PartialSuccess {
  /** Number of rejected items; 0 if missing. */
  readonly rejected: number;
  /** Why they were rejected, or a warning; empty if missing. */
  readonly words: string;
}

/** A response without a report: all items were accepted. */
const WHOLE_SUCCESS: PartialSuccess = { rejected: 0, words: "" };

/** The key of the count in JSON; in protobuf it is field 1 for all signals. */
const REJECTED: Readonly<Record<Signal, string>> = {
  traces: "rejectedSpans",
  metrics: "rejectedDataPoints",
  logs: "rejectedLogRecords",
};

/** Reads the body of a response with status 2xx; never throws. */
export function partialSuccessIn(
  answer: Uint8Array,
  protocol: "json" | "protobuf",
  signal: Signal,
): PartialSuccess {
  if (protocol === "protobuf") {
    const partial = fieldOf(answer, 1); // Export…ServiceResponse.partial_success
    if (!(partial instanceof Uint8Array)) return WHOLE_SUCCESS;
    const rejected = fieldOf(partial, 1);
    return {
      // A value beyond 2^53 is negative, or larger than any request.
      rejected: Number.isSafeInteger(rejected) ? rejected as number : 0,
      words: textOf(fieldOf(partial, 2)),
    };
  }
  const { partialSuccess } = objectIn(answer);
  if (typeof partialSuccess !== "object" || partialSuccess === null) {
    return WHOLE_SUCCESS;
  }
  const { [REJECTED[signal]]: count, errorMessage } =
    partialSuccess as Readonly<
      Record<string, unknown>
    >;
  const rejected = Number(count ?? 0);
  return {
    rejected: Number.isSafeInteger(rejected) ? Math.max(0, rejected) : 0,
    words: typeof errorMessage === "string" ? errorMessage : "",
  };
}

/**
 * Returns the message of a `google.rpc.Status`, the body of responses that report
 * an error; never throws.
 */
export function messageIn(answer: Uint8Array, contentType: string): string {
  if (contentType.includes("protobuf")) return textOf(fieldOf(answer, 2));
  const { message } = objectIn(answer);
  return typeof message === "string"
    ? message
    : new TextDecoder().decode(answer);
}

/** Returns the JSON object that `answer` holds; an empty one if it holds none. */
function objectIn(answer: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(new TextDecoder().decode(answer)));
  } catch {
    return {};
  }
}

function textOf(field: ReturnType<typeof fieldOf>): string {
  return field instanceof Uint8Array ? new TextDecoder().decode(field) : "";
}

/**
 * Returns the first varint or length-delimited field with the number `wanted`;
 * undefined if there is none or the message is malformed.
 */
function fieldOf(
  message: Uint8Array,
  wanted: number,
): number | Uint8Array | undefined {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < message.length; scale *= 128) {
      const byte = message[at++]!;
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
    return NaN;
  };
  while (at < message.length) {
    const tag = varint();
    const field = Math.floor(tag / 8);
    if (tag % 8 === 0) {
      const value = varint();
      if (field === wanted) return value;
    } else if (tag % 8 === 2) {
      const length = varint();
      if (!(at + length <= message.length)) return undefined;
      if (field === wanted) return message.subarray(at, at + length);
      at += length;
    } else if (tag % 8 === 1) at += 8;
    else if (tag % 8 === 5) at += 4;
    else return undefined;
  }
  return undefined;
}

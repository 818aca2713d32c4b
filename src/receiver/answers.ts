/** Answers of OTLP over HTTP, in the encoding of the request. */
import { ByteWriter } from "../base/mod.ts";
import { ProtoWriter } from "../base/internal.ts";

/** The encodings of OTLP over HTTP, by their content type. */
export type Encoding = "application/json" | "application/x-protobuf";

/** Returns the encoding of a request; undefined if it is not one of OTLP. */
export function encodingOf({ headers }: Request): Encoding | undefined {
  const type = (headers.get("content-type") ?? "").split(";")[0]!.trim()
    .toLowerCase();
  return type === "application/json" || type === "application/x-protobuf"
    ? type
    : undefined;
}

/** Returns the answer to an accepted request, of which points may be rejected. */
export function accepted(
  encoding: Encoding,
  rejected: number,
  words: string,
): Response {
  const isWhole = rejected === 0 && words === "";
  if (encoding === "application/json") {
    const partialSuccess = {
      rejectedDataPoints: String(rejected),
      errorMessage: words,
    };
    return answer(200, encoding, jsonOf(isWhole ? {} : { partialSuccess }));
  }
  return answer(
    200,
    encoding,
    protoOf((writer) => {
      if (isWhole) return;
      const at = writer.open(1);
      if (rejected > 0) writer.unsigned(1, rejected);
      if (words !== "") writer.string(2, words);
      writer.close(at);
    }),
  );
}

/** The codes of gRPC for the statuses of HTTP that a receiver answers. */
const CODES: Readonly<Record<number, number>> = {
  400: 3, // invalid argument
  404: 12, // unimplemented
  405: 12,
  408: 4, // deadline exceeded
  413: 8, // resource exhausted
  415: 3,
  503: 14, // unavailable
};

/** Returns the answer to a refused request: a `Status` with `words`. */
export function refused(
  status: number,
  encoding: Encoding | undefined,
  words: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const code = CODES[status]!;
  const type = encoding ?? "application/json";
  const body = type === "application/json"
    ? jsonOf({ code, message: words })
    : protoOf((writer) => {
      writer.unsigned(1, code);
      writer.string(2, words);
    });
  return answer(status, type, body, headers);
}

function answer(
  status: number,
  encoding: Encoding,
  body: Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(body, {
    status,
    headers: { "content-type": encoding, ...headers },
  });
}

function jsonOf(value: object): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(JSON.stringify(value));
}

function protoOf(
  write: (writer: ProtoWriter) => void,
): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(256);
  write(new ProtoWriter(out));
  return out.slice();
}

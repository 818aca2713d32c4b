/**
 * Reads the body of a request within limits of size and time, decompressed if it
 * is compressed.
 */
import type { Timers } from "../base/mod.ts";
import { ignoreRejection, within } from "../base/internal.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The result of reading a body. */
export type Body =
  | { readonly state: "read"; readonly bytes: Bytes }
  | { readonly state: "large" | "late" | "broken" };

/** Limits of a body. */
export interface BodyLimits {
  /** The maximum size in bytes, as it is sent and decompressed. */
  readonly maxBytes: number;
  /** Seconds in which it must have arrived. */
  readonly timeout: number;
  readonly timers: Timers;
}

const LARGE: Body = { state: "large" };
const LATE: Body = { state: "late" };
const BROKEN: Body = { state: "broken" };

/** Reads the body of `request`. Never rejects. */
export async function readBody(
  request: Request,
  isCompressed: boolean,
  { maxBytes, timeout, timers }: BodyLimits,
): Promise<Body> {
  try {
    const { body } = request;
    if (body === null) return { state: "read", bytes: new Uint8Array(0) };
    if (Number(request.headers.get("content-length")) > maxBytes) {
      ignoreRejection(body.cancel());
      return LARGE;
    }
    const reader = body.getReader();
    const reading = readAll(reader, maxBytes);
    const read = await within(reading, timeout, timers, LATE);
    if (read.state !== "read") ignoreRejection(reader.cancel());
    if (read.state !== "read" || !isCompressed) return read;
    return await decompressed(read.bytes, maxBytes);
  } catch {
    return BROKEN; // the client has left, or it is no gzip
  }
}

/** A reader in the types of any platform. */
interface Reader {
  read(): Promise<{
    readonly done: boolean;
    readonly value?: Bytes | undefined;
  }>;
}

async function readAll(reader: Reader, maxBytes: number): Promise<Body> {
  // Not kept in a list: a chunk of one byte takes a hundred.
  let [bytes, size] = [new Uint8Array(0), 0];
  for (;;) {
    const { done, value } = await reader.read();
    if (done || value === undefined) {
      return { state: "read", bytes: bytes.subarray(0, size) };
    }
    if (size + value.length > maxBytes) return LARGE;
    if (size + value.length > bytes.length) {
      const room = Math.max(2 * size, size + value.length);
      const larger = new Uint8Array(room);
      larger.set(bytes.subarray(0, size));
      bytes = larger;
    }
    bytes.set(value, size);
    size += value.length;
  }
}

/**
 * Bytes that are decompressed at a time. Runtimes hand over all that a chunk
 * becomes at once, up to a thousand times its size.
 */
const SLICE = 4096;

async function decompressed(bytes: Bytes, maxBytes: number): Promise<Body> {
  const { readable, writable } = new DecompressionStream("gzip");
  const writer = writable.getWriter();
  const reader = (readable as ReadableStream<Bytes>).getReader();
  const write = async (): Promise<void> => {
    for (let at = 0; at < bytes.length; at += SLICE) {
      await writer.ready; // until what came of the last slice was read
      await writer.write(bytes.subarray(at, at + SLICE));
    }
    await writer.close();
  };
  const writing = write();
  ignoreRejection(writing);
  const read = await readAll(reader, maxBytes);
  if (read.state === "read") await writing;
  else {
    ignoreRejection(reader.cancel());
    ignoreRejection(writer.abort());
  }
  return read;
}

/** The strict reader of each format. */
import type { Format } from "../../src/encode/mod.ts";
import type { Dialect } from "../../src/testing/mod.ts";
import { kindOf } from "./expected.ts";
import { readProto } from "./proto_reader.ts";
import type { SeenFamily } from "./seen.ts";
import { readOpenMetrics2, readText } from "./text_readers.ts";

/** Reads a body strictly; throws if it breaks a rule of its format. */
export function read(body: Uint8Array, format: Format): readonly SeenFamily[] {
  const options = { escaped: format.escaping !== "allow-utf-8" };
  const kind = kindOf(format);
  if (kind === "proto") return readProto(body);
  if (kind === "open2") return readOpenMetrics2(body, options);
  const dialect: Dialect = kind === "open1"
    ? "openmetrics-1.0.0"
    : format.id === "text-1.0.0"
    ? "text-1.0.0"
    : "text-0.0.4";
  return readText(body, dialect, options);
}

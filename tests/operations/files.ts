/** The files of `examples/operations/`, as text and as data. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import { RUNTIME } from "../runtimes/server.ts";
import { ROOT } from "../support/programs.ts";
import { skippedUnless } from "../support/rounds.ts";

/** The folder, with a slash at the end. */
export const FOLDER = `${ROOT}examples/operations/`;

/** The ports of `examples/operations.ts` and of all files. */
export const PORTS = { shop: 8000, telemetry: 9464 } as const;

/**
 * Returns the option that skips a test on all runtimes but Deno: the files are the
 * same on every one.
 */
export function once(): { skip: string | false } {
  return skippedUnless(
    RUNTIME === "deno",
    "only Deno tests what is the same on every runtime",
  );
}

/** Returns the text of a file. */
export function textOf(name: string): string {
  return readFileSync(FOLDER + name, "utf8");
}

/** Returns the documents of a YAML file, which must have no errors. */
export function documentsOf(name: string): unknown[] {
  return documentsIn(textOf(name), name);
}

/** Returns the documents of a YAML text. */
export function documentsIn(text: string, name: string): unknown[] {
  const documents = [...parseAllDocuments(text, { version: "1.1" })];
  return documents.map((document) => {
    assert.deepEqual([...document.errors, ...document.warnings], [], name);
    return document.toJS() as unknown;
  });
}

/** Returns the value at a path of keys and indices; fails if there is none. */
export function at(value: unknown, ...path: readonly (string | number)[]) {
  let found = value as Readonly<Record<string | number, unknown>>;
  for (const key of path) {
    assert.ok(key in Object(found), `${key} of ${path.join(".")} is missing`);
    found = found[key] as typeof found;
  }
  return found as unknown;
}

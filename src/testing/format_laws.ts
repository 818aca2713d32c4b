/** The laws that every exposition format must hold, for authors of formats. */
import {
  ESCAPING_SCHEMES,
  expose,
  exposeChunks,
  ExpositionCache,
  type Format,
  type Page,
} from "../encode/mod.ts";
import { concatBytes, readOptions, rule } from "../base/internal.ts";
import {
  capture,
  type Exemplar,
  familyDesc,
  Labels,
  replay,
  type Snapshot,
  type Source,
} from "../model/mod.ts";
import { ChangingRows, formatCases } from "./format_cases.ts";
import { poison } from "./poison.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Options of `formatLaws`. */
export interface FormatLawsOptions<Content = unknown> {
  /**
   * Reads a body strictly, and throws if it breaks a rule of the format.
   * Default: bodies are compared with each other, but not read.
   */
  readonly read?:
    | ((body: Uint8Array<ArrayBuffer>, format: Format) => Content)
    | undefined;
  /**
   * Returns the content that `read` must find for a snapshot. Both are plain
   * values, arrays, maps and objects. Default: the content is not compared.
   */
  readonly expected?:
    | ((snapshot: Snapshot, format: Format) => Content)
    | undefined;
  /**
   * Functions that make more sources beside the built-in ones, each time with
   * the same content. Default: none.
   */
  readonly sources?: readonly (() => Source)[] | undefined;
}

const isFunction = (value: unknown): boolean => typeof value === "function";

/** Pages of one block, and a step after each of them. */
const SMALL_PAGES = { pageBytes: 1, pageRows: 16, pagesPerStep: 1 / 32 };

/**
 * Checks the laws of a format, in every escaping scheme, on sources of every
 * type with the texts and numbers that break readers:
 *
 * - `replay`: a replayed capture encodes to the same bytes.
 * - `poison`: an encoder stores nothing that it has borrowed.
 * - `chunks`: the chunks of a stream make up the whole body.
 * - `rollback`: a part that throws leaves nothing behind.
 * - `cache`: cached pages equal a new exposition after every change, and bytes
 *   that were handed out never change.
 * - `contents`: with `read`, every body is legal; with `expected`, it says what
 *   the source has written.
 *
 * ```ts
 * import { prometheusText } from "@barograph/barograph/encode";
 * import { formatLaws, parseExposition } from "@barograph/barograph/testing";
 *
 * formatLaws(prometheusText, {
 *   read: (body, { escaping }) =>
 *     parseExposition(body, "text-0.0.4", {
 *       escaped: escaping !== "allow-utf-8",
 *     }),
 * });
 * ```
 *
 * Cost: about a second. It depends on no test runner.
 *
 * @throws {Error} Naming the law that does not hold, the scheme and the first
 *   difference.
 */
export function formatLaws<Content>(
  format: Format,
  options: FormatLawsOptions<Content> = {},
): void {
  const { read, expected, sources } = readOptions("Cannot check a format", {
    read: rule<FormatLawsOptions<Content>["read"]>(
      isFunction,
      "a function, such as (body) => parse(body)",
    ),
    expected: rule<FormatLawsOptions<Content>["expected"]>(
      isFunction,
      "a function, such as (snapshot) => contentOf(snapshot)",
    ),
    sources: rule<readonly (() => Source)[]>(
      (value) => Array.isArray(value) && value.every(isFunction),
      "a list of functions, such as [() => createRegistry()]",
      [],
    ),
  }, options);
  const escaped = ESCAPING_SCHEMES.map((scheme) => format.escapedBy(scheme));
  for (const one of [format, ...escaped]) {
    const cases = formatCases().map((source) => () => source);
    for (const make of [...cases, ...sources]) {
      const snapshot = capture(make(), NO_FAILURES);
      const body = expose(make(), one, NO_FAILURES);
      checkReplay(one, snapshot, body);
      checkPoison(one, replay(snapshot), body);
      checkChunks(one, replay(snapshot), body);
      checkContents(one, snapshot, body, { read, expected });
    }
    checkRollback(one);
    for (const type of ["counter", "gauge", "histogram"] as const) {
      checkCache(one, new ChangingRows(type, 45));
    }
  }
}

const NO_FAILURES = { observer: { failed() {} } };

function checkReplay(format: Format, snapshot: Snapshot, body: Bytes): void {
  compare("replay", format, expose(replay(snapshot), format), body);
}

function checkPoison(format: Format, source: Source, body: Bytes): void {
  compare("poison", format, expose(poison(source), format), body);
}

function checkChunks(format: Format, source: Source, body: Bytes): void {
  const whole = partwise(source);
  const chunks = [...exposeChunks(whole, format, { chunk: 1 })];
  compare("chunks", format, concatBytes(chunks), body);
}

/** The same source with one part per family. */
function partwise(source: Source): Source {
  const { families } = capture(source);
  const parts = families.map((family) => replay({ families: [family] }));
  return {
    descs: source.descs,
    parts,
    collect: (sink) => source.collect(sink),
  };
}

function checkContents<Content>(
  format: Format,
  snapshot: Snapshot,
  body: Bytes,
  { read, expected }: Pick<FormatLawsOptions<Content>, "read" | "expected">,
): void {
  if (read === undefined) return;
  let found: Content;
  try {
    found = read(body, format);
  } catch (error) {
    return broken("contents", format, `a body cannot be read: ${error}`, error);
  }
  if (expected === undefined) return;
  const wanted = expected(snapshot, format);
  const difference = differenceOf(found, wanted, "content");
  if (difference !== undefined) broken("contents", format, difference);
}

function checkRollback(format: Format): void {
  const parts = formatCases();
  const desc = familyDesc({ name: "broken", type: "gauge", help: "Broken." });
  const throwing: Source = {
    descs: [desc],
    collect(sink): void {
      if (sink.family(desc)) sink.number(Labels.NONE, 1, 0);
      throw new Error("a part that fails");
    },
  };
  // One by one: the cases write the same families.
  for (const part of parts) {
    const alone = wholeOf([part]);
    const beside = wholeOf([throwing, part, throwing]);
    compare(
      "rollback",
      format,
      expose(beside, format, NO_FAILURES),
      expose(alone, format),
    );
  }
}

function wholeOf(parts: readonly Source[]): Source {
  return { descs: parts.flatMap(({ descs }) => descs), parts, collect() {} };
}

const EXEMPLAR: Exemplar = {
  labels: { trace_id: "00f067aa" },
  value: 0.25,
  timestamp: 1_700_000_000,
};

/** Changes of every kind, of which each is followed by two expositions. */
const STEPS: readonly ((rows: ChangingRows) => void)[] = [
  () => {}, // nothing is present
  (rows) => {
    for (let row = 0; row < 40; row++) rows.set(row, row % 10);
  },
  () => {}, // nothing has changed
  (rows) => rows.set(17, 3), // as wide as before
  (rows) => rows.set(17, 12_345), // wider
  (rows) => rows.set(17, 7), // narrower
  (rows) => {
    rows.set(0, 2 ** 31);
    rows.set(15, 100);
    rows.set(39, 2 ** 53);
  },
  (rows) => rows.set(20, 5, 2), // another bucket, if there are any
  (rows) => rows.attach(3, EXEMPLAR),
  (rows) => rows.attach(3, { ...EXEMPLAR, value: 0.5 }),
  (rows) => rows.attach(3, undefined),
  (rows) => rows.remove(18),
  (rows) => rows.set(44, 1), // a new series on the last page
  (rows) => {
    for (let row = 16; row < 32; row++) rows.remove(row); // a whole page
  },
  (rows) => {
    for (let row = 0; row < 45; row++) rows.set(row, row * 1000);
  },
  (rows) => {
    for (let row = 0; row < 45; row++) rows.remove(row);
  },
];

function checkCache(format: Format, rows: ChangingRows): void {
  const source = wholeOf([rows]);
  const cache = new ExpositionCache(
    format,
    { left: Infinity },
    SMALL_PAGES,
  );
  const handedOut: (readonly [Bytes, Bytes])[] = [];
  const revisions = new WeakMap<Page, readonly [number, Bytes]>();
  for (const step of STEPS) {
    step(rows);
    const body = expose(source, format);
    const borrowed: Bytes[] = [];
    for (const pages of cache.borrowed(source)) {
      for (const page of pages) {
        const bytes = page.bytes.slice();
        const before = revisions.get(page);
        if (before?.[0] === page.revision) {
          compare("cache", format, bytes, before[1]);
        }
        revisions.set(page, [page.revision, bytes]);
        borrowed.push(bytes);
      }
    }
    compare("cache", format, concatBytes(borrowed), body);
    const owned = [...cache.owned(source)].flat();
    compare("cache", format, concatBytes(owned), body);
    for (const bytes of owned) handedOut.push([bytes, bytes.slice()]);
  }
  for (const [bytes, then] of handedOut) compare("cache", format, bytes, then);
}

function compare(
  law: string,
  format: Format,
  found: Bytes,
  wanted: Bytes,
): void {
  const length = Math.max(found.length, wanted.length);
  for (let i = 0; i < length; i++) {
    if (found[i] === wanted[i]) continue;
    const excerpt = (bytes: Bytes): string =>
      JSON.stringify(new TextDecoder().decode(bytes.slice(i, i + 40)));
    return broken(
      law,
      format,
      `byte ${i} begins ${excerpt(found)} in place of ${excerpt(wanted)}`,
    );
  }
}

function broken(
  law: string,
  { id, escaping }: Format,
  difference: string,
  cause?: unknown,
): never {
  throw new Error(
    `The law "${law}" does not hold for ${id}, escaping ${escaping}: ` +
      difference,
    { cause },
  );
}

/** Returns the first difference in words; undefined if there is none. */
function differenceOf(
  found: unknown,
  wanted: unknown,
  path: string,
): string | undefined {
  if (Object.is(found, wanted)) return undefined;
  if (!isObject(found) || !isObject(wanted)) {
    return `${path} is ${text(found)} in place of ${text(wanted)}`;
  }
  const [a, b] = [entriesOf(found), entriesOf(wanted)];
  for (const key of new Set([...a.keys(), ...b.keys()])) {
    const inside = `${path}[${text(key)}]`;
    const difference = differenceOf(a.get(key), b.get(key), inside);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function entriesOf(value: object): ReadonlyMap<unknown, unknown> {
  return value instanceof Map ? value : new Map(Object.entries(value));
}

function text(value: unknown): string {
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}

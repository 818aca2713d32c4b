/** The laws that every exposition format must satisfy, for authors of formats. */
import {
  ESCAPING_SCHEMES,
  expose,
  exposeChunks,
  ExpositionCache,
  type Format,
  type Page,
} from "../encode/mod.ts";
import { TextCache } from "../encode/internal.ts";
import { concatBytes, readOptions, rule } from "../base/internal.ts";
import {
  capture,
  type Exemplar,
  familyDesc,
  Labels,
  type MetricType,
  replay,
  type Snapshot,
  type Source,
} from "../model/mod.ts";
import { VERBS } from "../model/internal.ts";
import { ChangingRows, formatCases, oneSeries } from "./format_cases.ts";
import { poison } from "./poison.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Options of `formatLaws`. */
export interface FormatLawsOptions<Content = unknown> {
  /**
   * Parses a body strictly; throws if the body breaks a rule of the format.
   * Default: bodies are compared with each other, but not parsed.
   */
  readonly read?:
    | ((body: Uint8Array<ArrayBuffer>, format: Format) => Content)
    | undefined;
  /**
   * Returns the content that `read` must return for a snapshot, made of primitive
   * values, arrays, maps and plain objects. Default: the content is not compared.
   */
  readonly expected?:
    | ((snapshot: Snapshot, format: Format) => Content)
    | undefined;
  /**
   * Functions that create sources to check in addition to the built-in ones, with
   * the same content at each call. Default: none.
   */
  readonly sources?: readonly (() => Source)[] | undefined;
}

const isFunction = (value: unknown): boolean => typeof value === "function";

/** Cache options for pages of one block and one page per step. */
const SMALL_PAGES = {
  pageBytes: 1,
  pageRows: 16,
  pagesPerStep: 1 / 32,
  pagesPerBatch: 1,
};

/**
 * Checks the laws of a format, in every escaping scheme, on sources of every
 * type with texts and numbers that are hard to encode:
 *
 * - `replay`: a replayed capture encodes to the same bytes.
 * - `poison`: an encoder stores nothing that it has borrowed.
 * - `strings`: `textEncoder` writes the same text as `encoder`, also when only the
 *   values of a cached text are rewritten.
 * - `chunks`: the chunks of a stream concatenate to the whole body.
 * - `rollback`: a part that throws leaves no bytes behind.
 * - `cache`: cached pages equal a new exposition after every change, and bytes
 *   that the cache has handed out never change.
 * - `series`: every counter, gauge, info, stateset and unknown is written. The
 *   body depends on the labels and on the value. The same holds for histograms
 *   and summaries, unless the format leaves them out altogether.
 * - `contents`: with `read`, every body is legal; with `expected`, it has the
 *   content of the source.
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
 * Cost: about a second. Works with any test runner.
 *
 * @throws {Error} If a law does not hold; the message names the law, the scheme
 *   and the first difference.
 * @throws {TypeError} If an option is wrong.
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
  for (const variant of [format, ...escaped]) {
    const cases = formatCases().map((source) => () => source);
    for (const make of [...cases, ...sources]) {
      const snapshot = capture(make(), NO_FAILURES);
      const body = expose(make(), variant, NO_FAILURES);
      checkReplay(variant, snapshot, body);
      checkPoison(variant, replay(snapshot), body);
      checkStrings(variant, replay(snapshot), body);
      checkChunks(variant, replay(snapshot), body);
      checkContents(variant, snapshot, body, { read, expected });
    }
    checkRollback(variant);
    for (const type of ["counter", "gauge", "histogram"] as const) {
      checkCache(variant, new ChangingRows(type, 45));
    }
    checkSeries(variant);
  }
}

const NO_FAILURES = { observer: { failed() {} } };

function checkReplay(format: Format, snapshot: Snapshot, body: Bytes): void {
  compare("replay", format, expose(replay(snapshot), format), body);
}

function checkPoison(format: Format, source: Source, body: Bytes): void {
  compare("poison", format, expose(poison(source), format), body);
}

function checkStrings(format: Format, source: Source, body: Bytes): void {
  const { textEncoder } = format;
  if (textEncoder === undefined) return;
  const texts = new TextCache(textEncoder, { left: Infinity });
  compare("strings", format, textOf(texts, source), body);
}

function textOf(texts: TextCache, source: Source): Bytes {
  const written = [...texts.texts(source, NO_FAILURES)].flat();
  return new TextEncoder().encode(written.join(""));
}

function checkChunks(format: Format, source: Source, body: Bytes): void {
  const chunks = [...exposeChunks(partwise(source), format, { chunk: 1 })];
  compare("chunks", format, concatBytes(chunks), body);
}

/** Returns the same source with one part per family. */
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
  const difference = differenceOf(
    found,
    expected(snapshot, format),
    "content",
  );
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
  // One part at a time, because several parts write the same families.
  for (const part of parts) {
    const alone = wholeOf([part]);
    const withFailures = wholeOf([throwing, part, throwing]);
    compare(
      "rollback",
      format,
      expose(withFailures, format, NO_FAILURES),
      expose(alone, format),
    );
  }
}

const LABELS = [["x", "y"], ["y", "x"], ["x", ""], ["", "x"]] as const;

/** Checks that each type is written, with its labels and its value. */
function checkSeries(format: Format): void {
  const bodyOf = (source: Source): string => expose(source, format).join();
  const nothing = bodyOf({ descs: [], collect() {} });
  for (const type of Object.keys(VERBS) as MetricType[]) {
    const bodies = LABELS.map((labels) => bodyOf(oneSeries(type, labels, 1)));
    const written = bodies.filter((body) => body !== nothing);
    if (VERBS[type] !== "number" && written.length === 0) continue;
    if (written.length < bodies.length) {
      broken("series", format, `a ${type} is not written`);
    }
    if (new Set(bodies).size < bodies.length) {
      broken(
        "series",
        format,
        `two ${type} series of different labels are equal`,
      );
    }
    if (type === "info") continue; // its value is always 1
    if (bodyOf(oneSeries(type, LABELS[0], 0)) === bodies[0]) {
      broken("series", format, `a ${type} of 0 and one of 1 are equal`);
    }
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

/** Changes of every kind; the cache is checked after each of them. */
const STEPS: readonly ((rows: ChangingRows) => void)[] = [
  () => {}, // no series is present
  (rows) => {
    for (let row = 0; row < 40; row++) rows.set(row, row % 10);
  },
  () => {}, // nothing has changed
  (rows) => rows.set(17, 3), // the same number of digits
  (rows) => rows.set(17, 12_345), // more digits
  (rows) => rows.set(17, 7), // fewer digits
  (rows) => {
    rows.set(0, 2 ** 31);
    rows.set(15, 100);
    rows.set(39, 2 ** 53);
  },
  (rows) => rows.set(20, 5, 2), // another bucket of a histogram
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
  const { textEncoder } = format;
  const texts = textEncoder && new TextCache(textEncoder, { left: Infinity });
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
    if (texts !== undefined) {
      compare("strings", format, textOf(texts, source), body);
    }
    const owned = [...cache.owned(source)].flat();
    compare("cache", format, concatBytes(owned), body);
    for (const bytes of owned) handedOut.push([bytes, bytes.slice()]);
  }
  for (const [bytes, copy] of handedOut) compare("cache", format, bytes, copy);
}

function compare(
  law: string,
  format: Format,
  actual: Bytes,
  expected: Bytes,
): void {
  const length = Math.max(actual.length, expected.length);
  for (let i = 0; i < length; i++) {
    if (actual[i] === expected[i]) continue;
    const excerpt = (bytes: Bytes): string =>
      JSON.stringify(new TextDecoder().decode(bytes.slice(i, i + 40)));
    return broken(
      law,
      format,
      `from byte ${i} on, the text is ${excerpt(actual)} instead of ` +
        excerpt(expected),
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
  actual: unknown,
  expected: unknown,
  path: string,
): string | undefined {
  if (Object.is(actual, expected)) return undefined;
  if (!isObject(actual) || !isObject(expected)) {
    return `${path} is ${text(actual)} instead of ${text(expected)}`;
  }
  const [a, b] = [entriesOf(actual), entriesOf(expected)];
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

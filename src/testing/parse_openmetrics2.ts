/**
 * A strict parser of OpenMetrics 2.0 (release candidate 0).
 *
 * - Refuses everything that the specification forbids or advises against.
 * - Shares no code with the encoder.
 * - Where several forms of bounds, quoting or the order of metadata are legal, it
 *   accepts one, like the parser of 1.0.
 */
import {
  parseComposite,
  type ParsedHistogram,
  type ParsedSummary,
} from "./parse_composite.ts";
import { Cursor, type ParsedExemplar, type Reading } from "./parse_cursor.ts";
import {
  type Complain,
  type ParsedMetadata,
  parseMetadata,
} from "./parse_lines.ts";
import { keyOf } from "./parse_rules.ts";
import {
  ExpositionError,
  linesOf,
  readEscaped,
  type ReadOptions,
} from "./parse_text.ts";

/** A single number as the value of a sample. */
export interface ParsedNumber {
  /** Discriminates between values. */
  readonly kind: "number";
  /** Value of the sample. */
  readonly value: number;
}

/** The value of a sample in OpenMetrics 2.0. */
export type ParsedValue2 =
  | ParsedNumber
  | ParsedSummary
  | ParsedHistogram;

/** A sample as read from OpenMetrics 2.0. */
export interface ParsedSample2 {
  /** Labels in the order of the line. */
  readonly labels: ReadonlyMap<string, string>;
  /** Value; composite for histograms and summaries. */
  readonly value: ParsedValue2;
  /** Unix seconds; undefined if there is no timestamp. */
  readonly timestamp: number | undefined;
  /** Start time in unix seconds; undefined if there is none. */
  readonly start: number | undefined;
  /** Exemplars in the order of the line. */
  readonly exemplars: readonly ParsedExemplar[];
}

/** A family as read from OpenMetrics 2.0. */
export interface ParsedFamily2 {
  /** The name as in queries: with `_total` for counters. */
  readonly name: string;
  /** Type in the metadata; `unknown` if there is none. */
  readonly type: string;
  /** Help text, unescaped. */
  readonly help: string;
  /** Unit; `""` if there is none. */
  readonly unit: string;
  /** Samples in the order of the lines. */
  readonly samples: readonly ParsedSample2[];
}

/** The kind of value of each type. */
const TYPES: Readonly<Record<string, ParsedValue2["kind"]>> = {
  counter: "number",
  gauge: "number",
  histogram: "histogram",
  gaugehistogram: "histogram",
  summary: "summary",
  info: "number",
  stateset: "number",
  unknown: "number",
};

/** Types whose samples may have a start time. */
const STARTED = ["counter", "histogram", "summary"];
/** Types whose samples may have exemplars. */
const EXEMPLARY = ["counter", "histogram", "gaugehistogram"];
const ORDER: readonly ParsedMetadata["keyword"][] = ["TYPE", "UNIT", "HELP"];

/**
 * Parses an OpenMetrics 2.0 body strictly, in linear time.
 *
 * Lines, names, labels, numbers, series and exemplars follow the rules of
 * `parseExposition`. Further rules: metadata in the order TYPE, UNIT, HELP;
 * names of counters and infos with their suffix; composite values without
 * blanks in histograms and summaries; no negative sum or quantile in a summary;
 * `st@` on counters, histograms and summaries only; a timestamp on each
 * exemplar, and no label of its series; `target_info` first; the states of a
 * label set together.
 *
 * @throws {TypeError} If an option has a wrong value or does not exist.
 * @throws {ExpositionError} At the first line that breaks a rule.
 */
export function parseOpenMetrics2(
  body: string | Uint8Array,
  options: ReadOptions = {},
): readonly ParsedFamily2[] {
  const { escaped } = readEscaped(options);
  const lines = linesOf(body);
  const reading: Reading = { open: true, escaped };
  const families: Family[] = [];
  const names = new Set<string>();
  let at = 0;
  const complain: Complain = (rule) => {
    throw new ExpositionError(rule, at + 1, lines[at] ?? "");
  };
  const familyOf = (name: string): Family => {
    const last = families.at(-1);
    if (last?.name === name) return last;
    if (names.has(name)) {
      complain("each family once, with its samples together");
    }
    if (name === "target_info" && last !== undefined) {
      complain("target_info before all other families");
    }
    names.add(name);
    const family = new Family(name, complain);
    families.push(family);
    return family;
  };
  for (; at < lines.length; at++) {
    const line = lines[at]!;
    if (line === "") complain("no blank lines");
    if (!line.isWellFormed()) complain("valid UTF-8");
    if (line.endsWith("\r") && !line.startsWith("# HELP ")) {
      complain("a line feed without a carriage return");
    }
    if (line === "# EOF") break;
    if (line.startsWith("#")) {
      const metadata = parseMetadata(line, reading, complain);
      if (metadata !== undefined) familyOf(metadata.family).metadata(metadata);
    } else {
      const cursor = new Cursor(line, reading, complain);
      const { name, labels } = cursor.series();
      familyOf(name).sample(labels, cursor);
    }
  }
  if (lines[at] !== "# EOF") complain("# EOF as the last line");
  if (++at < lines.length) complain("nothing after # EOF");
  return families.map((family) => family.parsed());
}

/** Collects and checks the lines of one family. */
class Family {
  readonly name: string;
  readonly #complain: Complain;
  readonly #metadata = new Map<ParsedMetadata["keyword"], string>();
  readonly #samples: ParsedSample2[] = [];
  readonly #series = new Set<string>();
  /** Label sets read so far, without the state of a stateset. */
  readonly #keys = new Set<string>();
  #key: string | undefined;

  constructor(name: string, complain: Complain) {
    this.name = name;
    this.#complain = complain;
  }

  get #type(): string {
    return this.#metadata.get("TYPE") ?? "unknown";
  }

  metadata({ keyword, text }: ParsedMetadata): void {
    if (this.#samples.length > 0) this.#complain("metadata before the samples");
    if (this.#metadata.has(keyword)) {
      this.#complain(`one ${keyword} per family`);
    }
    const later = ORDER.slice(ORDER.indexOf(keyword) + 1);
    if (later.some((keyword) => this.#metadata.has(keyword))) {
      this.#complain("metadata in the order TYPE, UNIT, HELP");
    }
    this.#metadata.set(keyword, text);
    if (keyword === "TYPE") this.#checkType(text);
    if (keyword === "UNIT") this.#checkUnit(text);
  }

  #checkType(type: string): void {
    if (!Object.hasOwn(TYPES, type)) this.#complain("a type of this format");
    const ending = { counter: "_total", info: "_info" }[type] ?? "";
    if (!this.name.endsWith(ending)) {
      this.#complain(`a name that ends in ${ending}`);
    }
  }

  #checkUnit(unit: string): void {
    const type = this.#type;
    if (type === "info" || type === "stateset") {
      this.#complain("no unit on an info or stateset");
    }
    const stem = type === "counter"
      ? this.name.replace(/_total$/, "")
      : this.name;
    if (unit === "") this.#complain("no UNIT line for an empty unit");
    if (!stem.endsWith(`_${unit}`)) {
      this.#complain("a name that ends in the unit");
    }
  }

  /** Reads the rest of a sample line, after the labels. */
  sample(labels: ReadonlyMap<string, string>, cursor: Cursor): void {
    const complain = this.#complain;
    cursor.blank();
    const value: ParsedValue2 = cursor.at("{")
      ? parseComposite(cursor, complain)
      : { kind: "number", value: cursor.number() };
    let timestamp: number | undefined;
    if (cursor.at(" ") && !cursor.at(" st@") && !cursor.at(" #")) {
      cursor.blank();
      timestamp = cursor.seconds();
    }
    let start: number | undefined;
    if (cursor.at(" st@")) {
      cursor.skip(" st@");
      start = cursor.seconds();
    }
    const exemplars: ParsedExemplar[] = [];
    while (cursor.at(" # {")) {
      cursor.skip(" # ");
      const exemplar = cursor.exemplar();
      if (exemplar.timestamp === undefined) {
        complain("a timestamp on each exemplar");
      }
      for (const name of exemplar.labels.keys()) {
        if (labels.has(name)) complain("no label of the series in an exemplar");
      }
      exemplars.push(exemplar);
    }
    cursor.end();
    this.#check({ labels, value, timestamp, start, exemplars });
  }

  #check(sample: ParsedSample2): void {
    const complain = this.#complain;
    const type = this.#type;
    const { labels, value, start, exemplars } = sample;
    if (value.kind !== TYPES[type] && type !== "unknown") {
      complain(`a ${TYPES[type]} as the value`);
    }
    if (value.kind === "histogram") {
      if (type !== "unknown" && value.gauge !== (type === "gaugehistogram")) {
        complain("gcount and gsum in gauge histograms, and nowhere else");
      }
      if (value.buckets !== undefined && labels.has("le")) {
        complain("no label le beside classic buckets");
      }
    }
    if (value.kind === "summary" && labels.has("quantile")) {
      complain("no label quantile on a summary");
    }
    if (value.kind === "number") this.#checkNumber(value.value, labels);
    if (start !== undefined && !STARTED.includes(type)) {
      complain("st@ on counters, histograms and summaries only");
    }
    if (exemplars.length > 0 && !EXEMPLARY.includes(type)) {
      complain("exemplars on counters and histograms only");
    }
    this.#add(sample);
  }

  #checkNumber(value: number, labels: ReadonlyMap<string, string>): void {
    const complain = this.#complain;
    const type = this.#type;
    if (type === "counter" && !(value >= 0)) {
      complain("a counter value of 0 or more");
    }
    if (type === "info" && value !== 1) complain("an info value of 1");
    if (type !== "stateset") return;
    if (value !== 0 && value !== 1) complain("a state value of 0 or 1");
    if (!labels.get(this.name)) {
      complain("a label with the name of the stateset");
    }
  }

  #add(sample: ParsedSample2): void {
    const series = keyOf(sample.labels);
    if (this.#series.has(series)) this.#complain(`each series once: ${series}`);
    this.#series.add(series);
    const own = this.#type === "stateset" ? this.name : undefined;
    const key = keyOf(sample.labels, own);
    if (key !== this.#key && this.#keys.has(key)) {
      this.#complain("states of one label set together");
    }
    this.#keys.add(key);
    this.#key = key;
    this.#samples.push(sample);
  }

  parsed(): ParsedFamily2 {
    const help = this.#metadata.get("HELP") ?? "";
    const unit = this.#metadata.get("UNIT") ?? "";
    const { name } = this;
    return { name, type: this.#type, help, unit, samples: this.#samples };
  }
}

/**
 * Parses one family of an exposition, line by line.
 *
 * Throws at the first broken rule, so that the error names its line.
 */
import type {
  Complain,
  Dialect,
  ParsedMetadata,
  ParsedSample,
  Place,
} from "./parse_lines.ts";
import {
  checkGroup,
  checkMetadata,
  checkSample,
  keyOf,
  ownLabelOf,
  type Rules,
  suffixesOf,
} from "./parse_rules.ts";

/** A family as read from an exposition. */
export interface ParsedFamily {
  /** Name in the metadata: without `_total` and `_info` in OpenMetrics. */
  readonly name: string;
  /** Type in the metadata; `untyped` or `unknown` if there is none. */
  readonly type: string;
  /** Help text, unescaped. */
  readonly help: string;
  /** Unit; `""` if there is none. */
  readonly unit: string;
  /** Samples in the order of the lines. */
  readonly samples: readonly ParsedSample[];
}

/** Collects and checks the lines of one family. */
export class FamilyReader {
  readonly name: string;
  readonly #dialect: Dialect;
  readonly #complain: Complain;
  readonly #metadata = new Map<ParsedMetadata["keyword"], string>();
  readonly #samples: ParsedSample[] = [];
  readonly #lines = new Map<Place, number>();
  /** Names and labels of the series read so far. */
  readonly #series = new Set<string>();
  /** Label sets read so far, without the label that the type adds. */
  readonly #keys = new Set<string>();
  /** Samples of the current label set. */
  #group: ParsedSample[] = [];
  #key: string | undefined;

  constructor(name: string, dialect: Dialect, complain: Complain) {
    this.name = name;
    this.#dialect = dialect;
    this.#complain = complain;
  }

  get isEmpty(): boolean {
    return this.#samples.length === 0;
  }

  /** Returns the line of metadata or of a sample, counted from 1. */
  lineOf(place: Place): number | undefined {
    return this.#lines.get(place);
  }

  /** Returns whether a sample with this name belongs to this family. */
  owns(sample: string): boolean {
    return sample.startsWith(this.name) &&
      this.#suffixes().includes(sample.slice(this.name.length));
  }

  /** Returns every name that samples of this family have or could have. */
  names(): readonly string[] {
    const suffixes = new Set(["", ...this.#suffixes()]);
    return [...suffixes].map((suffix) => this.name + suffix);
  }

  metadata({ keyword, text }: ParsedMetadata, line: number): void {
    if (!this.isEmpty) this.#complain("metadata before the samples");
    if (this.#metadata.has(keyword)) {
      this.#complain(`one ${keyword} per family`);
    }
    if (keyword === "TYPE" && suffixesOf(text, this.#dialect) === undefined) {
      this.#complain("a type of this format");
    }
    this.#metadata.set(keyword, text);
    this.#lines.set(keyword, line);
  }

  sample(sample: ParsedSample, line: number): void {
    const rules = this.#rules();
    if (this.isEmpty) checkMetadata(rules, this.#complain);
    this.#samples.push(sample);
    this.#lines.set(sample, line);
    checkSample(sample, rules, this.#complain);
    const series = `${sample.name}${keyOf(sample.labels)}`;
    if (this.#series.has(series)) this.#complain(`each series once: ${series}`);
    this.#series.add(series);
    const key = keyOf(sample.labels, ownLabelOf(rules));
    if (key !== this.#key) {
      this.#endGroup();
      if (this.#keys.has(key)) {
        this.#complain("samples of one label set together");
      }
      this.#keys.add(key);
      this.#key = key;
    }
    this.#group.push(sample);
  }

  end(): void {
    if (this.isEmpty) checkMetadata(this.#rules(), this.#complain);
    this.#endGroup();
  }

  parsed(): ParsedFamily {
    const { name, type, unit } = this.#rules();
    const help = this.#metadata.get("HELP") ?? "";
    return { name, type, help, unit, samples: this.#samples };
  }

  #endGroup(): void {
    const group = this.#group;
    this.#group = [];
    if (group.length > 0) checkGroup(group, this.#rules(), this.#complain);
  }

  #rules(): Rules {
    const openMetrics = this.#dialect === "openmetrics-1.0.0";
    const { name } = this;
    const unit = this.#metadata.get("UNIT") ?? "";
    return { name, type: this.#type(), unit, openMetrics };
  }

  #type(): string {
    const open = this.#dialect === "openmetrics-1.0.0";
    return this.#metadata.get("TYPE") ?? (open ? "unknown" : "untyped");
  }

  #suffixes(): readonly string[] {
    return suffixesOf(this.#type(), this.#dialect)!;
  }
}

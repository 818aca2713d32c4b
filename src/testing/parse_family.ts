/**
 * One family of an exposition, line by line.
 *
 * It holds no more than the family at hand and complains as soon as a rule is
 * broken, so that a complaint names the line that broke it.
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

/** A family as it stands in an exposition. */
export interface ParsedFamily {
  /** As in its metadata: in OpenMetrics without `_total` and `_info`. */
  readonly name: string;
  /** As in its metadata; `untyped` or `unknown` if there is none. */
  readonly type: string;
  /** The help text, unescaped. */
  readonly help: string;
  /** The unit; `""` if there is none. */
  readonly unit: string;
  /** The lines of the family, in order. */
  readonly samples: readonly ParsedSample[];
}

/** The family at hand. */
export class FamilyReader {
  readonly name: string;
  readonly #dialect: Dialect;
  readonly #complain: Complain;
  readonly #metadata = new Map<ParsedMetadata["keyword"], string>();
  readonly #samples: ParsedSample[] = [];
  readonly #lines = new Map<Place, number>();
  /** Every series met: name and labels. */
  readonly #series = new Set<string>();
  /** The label sets met, without the label that a type adds. */
  readonly #keys = new Set<string>();
  /** The samples of the label set at hand. */
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

  /** Where something of this family stands, counted from 1. */
  lineOf(place: Place): number | undefined {
    return this.#lines.get(place);
  }

  /** Whether a sample of that name is one of this family. */
  owns(sample: string): boolean {
    return sample.startsWith(this.name) &&
      this.#suffixes().includes(sample.slice(this.name.length));
  }

  /** Every name that the family has, or could have, written. */
  names(): readonly string[] {
    const suffixes = new Set(["", ...this.#suffixes()]);
    return [...suffixes].map((suffix) => this.name + suffix);
  }

  metadata({ keyword, text }: ParsedMetadata, line: number): void {
    if (!this.isEmpty) this.#complain("metadata before the samples");
    if (this.#metadata.has(keyword)) this.#complain(`one ${keyword} a family`);
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
    if (this.#series.has(series)) this.#complain(`no series twice: ${series}`);
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

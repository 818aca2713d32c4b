/**
 * What the line-based formats have in common: a sink that writes lines.
 *
 * - Names are turned to bytes once a family.
 * - The labels of a point are rendered once and copied to its other lines.
 * - A name that is not classic stands in quotes within the braces.
 */
import { type Fragment, fragment } from "../base/mod.ts";
import { isClassicMetric } from "../base/internal.ts";
import { type FamilyDesc, Labels, type LabelSet } from "../model/mod.ts";
import { CheckedEncoder } from "./checked_encoder.ts";
import { LabelPairs } from "./label_pairs.ts";
import { metricText, textPairs } from "./quoting.ts";

const SPACE = 0x20;
const LINE_FEED = 0x0a;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Writes lines; subclasses say which. */
export abstract class LineEncoder extends CheckedEncoder {
  #pairs = new LabelPairs(0, () => {});
  /** Whether the name stands within the braces, before the labels. */
  #nameInside = false;

  #labels: LabelSet = Labels.NONE;
  /** Where the label block of the point at hand stands; -1: not yet. */
  #blockFrom = -1;
  #blockTo = -1;
  /** Where `name{labels,` stands for the name last asked for. */
  #headName: Fragment | undefined;
  #headFrom = 0;
  #headTo = 0;

  /** Writes the metadata lines of a family, and keeps what its lines need. */
  protected abstract metadata(desc: FamilyDesc): void;

  protected override header(desc: FamilyDesc): void {
    const { name, labelNames } = desc;
    this.#nameInside = !isClassicMetric(name);
    this.#pairs = new LabelPairs(labelNames.length, textPairs(labelNames));
    this.metadata(desc);
  }

  /** Begins the lines of a series: call it first for each point. */
  protected point(labels: LabelSet): void {
    this.#labels = labels;
    this.#blockFrom = -1;
    this.#headName = undefined;
  }

  /** What a line of the family at hand begins with: its name and `suffix`. */
  protected lineName(name: string): Fragment {
    const text = metricText(name);
    return fragment(this.#nameInside ? `{${text}` : text);
  }

  /** `# KEYWORD name `. */
  protected metadataName(
    keyword: "TYPE" | "UNIT" | "HELP",
    name: string,
  ): void {
    this.out.utf8(`# ${keyword} ${metricText(name)} `);
  }

  /** The metadata of both versions of OpenMetrics, in the order they advise. */
  protected openMetadata(name: string, { type, unit, help }: FamilyDesc): void {
    const { out } = this;
    this.metadataName("TYPE", name);
    out.ascii(`${type}\n`);
    if (unit !== "") {
      this.metadataName("UNIT", name);
      out.ascii(`${unit}\n`);
    }
    this.metadataName("HELP", name);
    out.escaped(help, true);
    out.ascii("\n");
  }

  override get hasPlaces(): boolean {
    return true;
  }

  /** `name{labels} `: what stands before a value. */
  protected sample(name: Fragment): void {
    if (this.places?.isPatching === true) return;
    const { out } = this;
    out.copy(name);
    const braces = this.#block() || this.#nameInside;
    if (braces) out.bytes(CLOSE, SPACE);
    else out.byte(SPACE);
  }

  /** `name{labels,tail`; `tail` is a last label and what follows it. */
  protected sampleWith(name: Fragment, tail: Fragment): void {
    if (this.places?.isPatching === true) return;
    const { out } = this;
    if (name === this.#headName) {
      out.repeat(this.#headFrom, this.#headTo);
    } else {
      this.#headFrom = out.length;
      out.copy(name);
      const inside = this.#block() || this.#nameInside;
      out.byte(inside ? COMMA : OPEN);
      this.#headTo = out.length;
      this.#headName = name;
    }
    out.copy(tail);
  }

  /** A value, and the end of the line. */
  protected value(value: number): void {
    const { places, out } = this;
    if (places === undefined) {
      out.number(value);
    } else if (places.isPatching) {
      return places.put(value);
    } else {
      places.mark(out.length);
      out.number(value);
    }
    out.byte(LINE_FEED);
  }

  /** Writes the labels of the point; false if it has none. */
  #block(): boolean {
    const { out } = this;
    if (this.#blockFrom >= 0) {
      out.repeat(this.#blockFrom, this.#blockTo);
      return this.#blockTo > this.#blockFrom;
    }
    const from = out.length;
    this.#pairs.write(this.#labels, out);
    this.#blockFrom = from;
    this.#blockTo = out.length;
    const any = out.length > from;
    // Every pair begins with a comma; the first one is the brace.
    if (any && !this.#nameInside) out.replace(from, OPEN);
    return any;
  }
}

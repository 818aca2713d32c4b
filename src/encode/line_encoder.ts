/**
 * The common part of line-based formats.
 *
 * - Names become fragments once per family.
 * - The labels of a point are rendered for its first line and copied to others.
 * - A name that is not classic is written in quotes within the braces.
 */
import { type Fragment, fragment, type TextWriter } from "../base/mod.ts";
import { isClassicMetric } from "../base/internal.ts";
import { type FamilyDesc, Labels, type LabelSet } from "../model/mod.ts";
import { CheckedEncoder } from "./checked_encoder.ts";
import { LabelPairs, metricText, textPairs } from "./text_parts.ts";

const SPACE = 0x20;
const LINE_FEED = 0x0a;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/**
 * Base class of formats with one value per line: `name{a="b"} value`.
 *
 * For each point a subclass calls `beginPoint`, and for each line of the point
 * `writeSample` or `writeSampleWith`, then `writeValue`. Without `beginPoint` the
 * lines have the labels of another point. A subclass that writes
 * values in another way must return false from `canPatch`: they cannot be
 * patched in cached pages. Fields of a subclass that depend on what was written
 * follow the rules of `CheckedEncoder`. For an example see `defineFormat`.
 */
export abstract class LineEncoder extends CheckedEncoder<TextWriter> {
  #pairs = new LabelPairs(0, () => {});
  /** Whether the name is written within the braces, before the labels. */
  #nameInside = false;

  #labels: LabelSet = Labels.NONE;
  /** The position of the labels of the point; -1: not yet written. */
  #labelsFrom = -1;
  #labelsTo = -1;
  /** The name and the position of the last `name{labels,`. */
  #headName: Fragment | undefined;
  #headFrom = 0;
  #headTo = 0;

  /** Writes the metadata lines of a family, and prepares names by `lineName`. */
  protected abstract writeMetadata(desc: FamilyDesc): void;

  /** Prepares names and labels, and writes the metadata. */
  protected override writeHeader(desc: FamilyDesc): void {
    const { name, labelNames } = desc;
    this.#nameInside = !isClassicMetric(name);
    const pairs = textPairs(labelNames, this.#nameInside ? "," : "{");
    this.#pairs = new LabelPairs(labelNames.length, pairs);
    this.writeMetadata(desc);
  }

  /** Begins the lines of a series; called first for each point. */
  protected beginPoint(labels: LabelSet): void {
    this.#labels = labels;
    this.#labelsFrom = -1;
    this.#headName = undefined;
  }

  /** Returns the start of lines named `name`; call it in `writeMetadata`. */
  protected lineName(name: string): Fragment {
    return fragment(this.#nameInside ? `{${metricText(name)}` : name);
  }

  /** Writes `# KEYWORD name `. */
  protected writeMetadataName(
    keyword: "TYPE" | "UNIT" | "HELP",
    name: string,
  ): void {
    const text = this.#nameInside ? metricText(name) : name;
    this.out.utf8(`# ${keyword} ${text} `);
  }

  /** Writes the metadata of OpenMetrics, in the order that it recommends. */
  protected writeOpenMetadata(
    name: string,
    { type, unit, help }: FamilyDesc,
  ): void {
    const { out } = this;
    this.writeMetadataName("TYPE", name);
    out.ascii(`${type}\n`);
    if (unit !== "") {
      this.writeMetadataName("UNIT", name);
      out.ascii(`${unit}\n`);
    }
    this.writeMetadataName("HELP", name);
    out.escaped(help, true);
    out.ascii("\n");
  }

  /** Whether values are reported to `marks`. Default: true, by `writeValue`. */
  override get canPatch(): boolean {
    return true;
  }

  /** Writes `name{labels} `, the part of a line before its value. */
  protected writeSample(name: Fragment): void {
    if (this.marks?.isPatching === true) return;
    const { out } = this;
    out.copy(name);
    const hasBraces = this.#writeLabels() || this.#nameInside;
    if (hasBraces) out.bytes(CLOSE, SPACE);
    else out.byte(SPACE);
  }

  /**
   * Writes `name{labels,` and `last`: another label and everything up to the
   * value, such as `le="0.1"} `.
   */
  protected writeSampleWith(name: Fragment, last: Fragment): void {
    if (this.marks?.isPatching === true) return;
    const { out } = this;
    if (name === this.#headName) {
      out.repeat(this.#headFrom, this.#headTo);
    } else {
      this.#headFrom = out.length;
      out.copy(name);
      const isOpen = this.#writeLabels() || this.#nameInside;
      out.byte(isOpen ? COMMA : OPEN);
      this.#headTo = out.length;
      this.#headName = name;
    }
    out.copy(last);
  }

  /** Writes a value and, if it is the `last` part, the end of its line. */
  protected writeValue(value: number, last = true): void {
    const { marks, out } = this;
    if (marks === undefined) {
      out.number(value);
    } else if (marks.isPatching) {
      return marks.put(value);
    } else {
      marks.mark(out.length);
      out.number(value);
    }
    if (last) out.byte(LINE_FEED);
  }

  /** Writes the labels of the point; returns false if it has none. */
  #writeLabels(): boolean {
    const { out } = this;
    if (this.#labelsFrom >= 0) {
      out.repeat(this.#labelsFrom, this.#labelsTo);
      return this.#labelsTo > this.#labelsFrom;
    }
    this.#labelsFrom = out.length;
    const hasLabels = this.#pairs.write(this.#labels, out);
    this.#labelsTo = out.length;
    return hasLabels;
  }
}

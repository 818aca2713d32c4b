/**
 * OpenMetrics 1.0: has units, exemplars, infos, statesets and start times.
 *
 * - The metadata of counters and infos names the family without its suffix; the
 *   samples are named as in every format.
 * - Left out, because the format forbids them: sum and count of a histogram if a
 *   bound is below zero or the sum is NaN or below zero, quantiles with a value
 *   below zero or of no observations, and exemplars of more than 128 code points.
 */
import { type Fragment, fragment, type TextWriter } from "../base/mod.ts";
import {
  flag,
  oneOf,
  readOptions,
  type SchemaOf,
  withoutSuffix,
} from "../base/internal.ts";
import type {
  EscapingScheme,
  Exemplar,
  FamilyDesc,
  HistogramView,
  LabelSet,
  MetricType,
  SummaryView,
} from "../model/mod.ts";
import {
  type Format,
  formatOf,
  type FormatOptions,
  type TextEncoderFactory,
} from "./format.ts";
import { LineEncoder } from "./line_encoder.ts";
import {
  BoundTexts,
  codePointsOf,
  hasLegalNames,
  isKnownTime,
  writeExemplar,
} from "./text_parts.ts";

/** Section "Exemplars": the limit for names and values together. */
const MAX_EXEMPLAR_CODE_POINTS = 128;

class OpenMetricsEncoder extends LineEncoder {
  readonly #withCreated: boolean;
  #type: MetricType = "unknown";
  #bounds: BoundTexts | undefined;
  #quantiles: BoundTexts | undefined;
  #name = fragment("");
  #bucket = fragment("");
  #sum = fragment("");
  #count = fragment("");
  #created = fragment("");

  constructor(
    out: TextWriter,
    escaping: EscapingScheme,
    withCreated: boolean,
  ) {
    super(out, escaping);
    this.#withCreated = withCreated;
  }

  override end(): void {
    this.out.ascii("# EOF\n");
  }

  protected override writeMetadata(desc: FamilyDesc): void {
    const { name, type } = desc;
    const family = familyName(desc);
    this.writeOpenMetadata(family, desc);
    const g = type === "gaugehistogram" ? "g" : "";
    this.#type = type;
    this.#name = this.lineName(name);
    this.#bucket = this.lineName(`${name}_bucket`);
    this.#sum = this.lineName(`${name}_${g}sum`);
    this.#count = this.lineName(`${name}_${g}count`);
    this.#created = this.lineName(`${family}_created`);
  }

  protected override writeNumber(
    labels: LabelSet,
    value: number,
    start: number,
    exemplar: Exemplar | undefined,
  ): void {
    this.beginPoint(labels);
    this.writeSample(this.#name);
    if (this.#type !== "counter") return this.writeValue(value);
    this.#writeValueWith(value, exemplar);
    this.#writeCreated(start);
  }

  protected override writeHistogram(
    labels: LabelSet,
    view: HistogramView,
    start: number,
  ): void {
    this.beginPoint(labels);
    const { bounds, counts, count, sum, exemplars } = view;
    const texts = this.#bounds ??= new BoundTexts('le="', '"} ');
    const les = texts.of(bounds);
    let cumulative = 0;
    for (let i = 0; i < bounds.length; i++) {
      cumulative += counts[i]!;
      this.writeSampleWith(this.#bucket, les[i]!);
      this.#writeValueWith(cumulative, exemplars[i]);
    }
    this.writeSampleWith(this.#bucket, texts.infinite);
    const isNativeOnly = bounds.length === 0 && view.native !== undefined;
    const last = isNativeOnly ? newest(exemplars) : exemplars[bounds.length];
    this.#writeValueWith(count, last);
    const isBelowZero = bounds.length > 0 && bounds[0]! < 0;
    const isOfGauges = this.#type === "gaugehistogram";
    if (isBelowZero ? isOfGauges && !Number.isNaN(sum) : sum >= 0) {
      this.#writeLine(this.#count, count);
      this.#writeLine(this.#sum, sum);
    }
    if (!isOfGauges) this.#writeCreated(start);
  }

  protected override writeSummary(
    labels: LabelSet,
    view: SummaryView,
    start: number,
  ): void {
    this.beginPoint(labels);
    this.#quantiles ??= new BoundTexts('quantile="', '"} ');
    this.#quantiles.of(view.quantiles).forEach((quantile, i) => {
      const value = view.values[i]!;
      if (value < 0 || (view.count === 0 && !Number.isNaN(value))) return;
      this.writeSampleWith(this.#name, quantile);
      this.writeValue(value);
    });
    this.#writeLine(this.#count, view.count);
    if (view.sum >= 0) this.#writeLine(this.#sum, view.sum);
    this.#writeCreated(start);
  }

  #writeLine(name: Fragment, value: number): void {
    this.writeSample(name);
    this.writeValue(value);
  }

  #writeCreated(start: number): void {
    if (this.#withCreated && isKnownTime(start)) {
      this.#writeLine(this.#created, start);
    }
  }

  #writeValueWith(value: number, exemplar: Exemplar | undefined): void {
    if (exemplar === undefined || !fits(exemplar)) {
      return this.writeValue(value);
    }
    this.writeValue(value, false);
    if (this.marks?.isPatching === true) return; // written already
    const { out } = this;
    writeExemplar(exemplar, out);
    out.ascii("\n");
  }
}

/** Sections "Counter" and "Info": family names have no suffix, samples have. */
function familyName({ name, type }: FamilyDesc): string {
  if (type === "counter") return withoutSuffix(name, "_total");
  return type === "info" ? withoutSuffix(name, "_info") : name;
}

/** Returns the newest exemplar of native buckets: a line has room for one. */
function newest(exemplars: HistogramView["exemplars"]): Exemplar | undefined {
  let found: Exemplar | undefined;
  for (const exemplar of exemplars) {
    if (exemplar === undefined || !fits(exemplar)) continue;
    if (found === undefined || exemplar.timestamp > found.timestamp) {
      found = exemplar;
    }
  }
  return found;
}

function fits(exemplar: Exemplar): boolean {
  return hasLegalNames(exemplar) &&
    codePointsOf(exemplar, MAX_EXEMPLAR_CODE_POINTS) <=
      MAX_EXEMPLAR_CODE_POINTS;
}

/**
 * Returns the format OpenMetrics 1.0 with options; `openMetrics` has the defaults.
 *
 * @throws {TypeError} If an option is wrong or does not exist.
 */
export function openMetricsWith(options: FormatOptions): Format {
  const action = "Cannot make the OpenMetrics format";
  const schema = {
    created: flag(false),
    version: oneOf<"0.0.1" | "1.0.0">(["0.0.1", "1.0.0"], "1.0.0"),
  } satisfies SchemaOf<FormatOptions>;
  const { created, version } = readOptions(action, schema, options);
  return openMetricsOf(version, created);
}

/** Returns OpenMetrics in `version`, with `_created` samples or without. */
export function openMetricsOf(
  version: "0.0.1" | "1.0.0",
  created: boolean,
): Format {
  const encoder: TextEncoderFactory = (out, escaping) =>
    new OpenMetricsEncoder(out, escaping, created);
  return formatOf({
    id: `openmetrics-${version}`,
    mediaType: "application/openmetrics-text",
    version,
    parameters: `version=${version}; charset=utf-8`,
    encoder,
    textEncoder: encoder,
  });
}

/** `application/openmetrics-text; version=1.0.0`, without `_created` samples. */
export const openMetrics: Format = /* @__PURE__ */ openMetricsOf(
  "1.0.0",
  false,
);

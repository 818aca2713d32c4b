/** The rules that a family as a whole must keep. */
import type { Complain, Dialect, ParsedSample } from "./parse_lines.ts";
import type { ParsedFamily } from "./parse_text.ts";

const TEXT: Readonly<Record<string, readonly string[]>> = {
  counter: [""],
  gauge: [""],
  histogram: ["_bucket", "_sum", "_count"],
  summary: ["", "_sum", "_count"],
  untyped: [""],
};

const OPEN_METRICS: Readonly<Record<string, readonly string[]>> = {
  counter: ["_total", "_created"],
  gauge: [""],
  histogram: ["_bucket", "_count", "_sum", "_created"],
  gaugehistogram: ["_bucket", "_gcount", "_gsum"],
  summary: ["", "_count", "_sum", "_created"],
  info: ["_info"],
  stateset: [""],
  unknown: [""],
};

/** The suffixes of a type's samples; undefined if there is no such type. */
export function suffixesOf(
  type: string,
  dialect: Dialect,
): readonly string[] | undefined {
  const types = dialect === "text-0.0.4" ? TEXT : OPEN_METRICS;
  return Object.hasOwn(types, type) ? types[type] : undefined;
}

/** Complains of the first rule that the family breaks. */
export function checkFamily(
  family: ParsedFamily,
  dialect: Dialect,
  complain: Complain,
): void {
  const open = dialect === "openmetrics-1.0.0";
  const { name, type, unit } = family;
  if (unit !== "" && !name.endsWith(`_${unit}`)) {
    complain("a family name that ends in the unit");
  }
  if (unit !== "" && (type === "info" || type === "stateset")) {
    complain("no unit on info and stateset");
  }
  if (open && type === "counter" && name.endsWith("_total")) {
    complain("no _total in the metadata of a counter");
  }
  if (open && type === "info" && name.endsWith("_info")) {
    complain("no _info in the metadata of an info");
  }
  const seen = new Set<string>();
  for (const sample of family.samples) {
    const series = `${sample.name}${keyOf(sample.labels)}`;
    if (seen.has(series)) complain(`no series twice: ${series}`);
    seen.add(series);
    checkSample(sample, family, open, complain);
  }
  for (const group of groupsOf(family, complain)) {
    checkGroup(group, family, open, complain);
  }
}

function checkSample(
  { name, labels, value, exemplar }: ParsedSample,
  family: ParsedFamily,
  open: boolean,
  complain: Complain,
): void {
  const suffix = name.slice(family.name.length);
  const { type } = family;
  if (type === "counter" && !(value >= 0)) complain("counters from 0 on");
  if (type === "info" && value !== 1) complain("an info of value 1");
  if (type === "stateset") {
    if (value !== 0 && value !== 1) complain("a state of value 0 or 1");
    if (!labels.has(family.name)) complain("a label called as the stateset");
  }
  const wantsLe = suffix === "_bucket" && type.endsWith("histogram");
  if (type.endsWith("histogram") && labels.has("le") !== wantsLe) {
    complain("le on buckets, and only there");
  }
  const wantsQuantile = type === "summary" && suffix === "";
  if (type === "summary" && labels.has("quantile") !== wantsQuantile) {
    complain("quantile on quantiles, and only there");
  }
  if (wantsQuantile && open && value < 0) complain("quantiles from 0 on");
  const counts = ["_bucket", "_count", "_gcount"].includes(suffix);
  if (counts && !(Number.isInteger(value) && value >= 0)) {
    complain("whole counts from 0 on");
  }
  if (open && suffix === "_sum" && !(value >= 0)) complain("sums from 0 on");
  if (exemplar === undefined) return;
  if (suffix !== "_total" && suffix !== "_bucket") {
    complain("exemplars on _total and _bucket only");
  }
  let size = 0;
  for (const [label, text] of exemplar.labels) {
    size += Array.from(label + text).length;
  }
  if (size > 128) complain("at most 128 code points in an exemplar");
}

/** Samples of one label set, which must stand together. */
function groupsOf(
  family: ParsedFamily,
  complain: Complain,
): readonly (readonly ParsedSample[])[] {
  const own = family.type === "summary"
    ? "quantile"
    : family.type === "stateset"
    ? family.name
    : "le";
  const groups = new Map<string, ParsedSample[]>();
  let last = "";
  for (const sample of family.samples) {
    const key = keyOf(sample.labels, own);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [sample]);
    else if (key !== last) complain("samples of one label set together");
    else group.push(sample);
    last = key;
  }
  return [...groups.values()];
}

function checkGroup(
  group: readonly ParsedSample[],
  family: ParsedFamily,
  open: boolean,
  complain: Complain,
): void {
  const suffixes = group.map(({ name }) => name.slice(family.name.length));
  const created = suffixes.indexOf("_created");
  if (created >= 0 && created !== group.length - 1) {
    complain("_created after the other samples");
  }
  const timed = group.filter(({ timestamp }) => timestamp !== undefined);
  if (timed.length > 0 && timed.length < group.length) {
    complain("timestamps on all samples of a label set, or on none");
  }
  const bySuffix = (suffix: string) =>
    group.find((_, i) => suffixes[i] === suffix)?.value;
  if (family.type === "summary") {
    const quantiles = group.filter((_, i) => suffixes[i] === "");
    checkRising(quantiles, "quantile", complain);
    for (const { labels } of quantiles) {
      const rank = Number(labels.get("quantile"));
      if (!(rank >= 0 && rank <= 1)) complain("quantiles from 0 to 1");
    }
  }
  if (!family.type.endsWith("histogram")) return;
  const buckets = group.filter((_, i) => suffixes[i] === "_bucket");
  checkBuckets(buckets, complain);
  const g = family.type === "gaugehistogram" ? "_g" : "_";
  const count = bySuffix(`${g}count`);
  const sum = bySuffix(`${g}sum`);
  if ((count === undefined) !== (sum === undefined)) {
    complain("a count exactly where there is a sum");
  }
  if (!open && count === undefined) complain("a sum and a count");
  if (count !== undefined && count !== buckets.at(-1)?.value) {
    complain("a count that equals the +Inf bucket");
  }
  const below = buckets.some(({ labels }) => Number(labels.get("le")) < 0);
  if (open && g === "_" && below && sum !== undefined) {
    complain("no sum where a bound is below zero");
  }
  if (open && g === "_g" && sum !== undefined) {
    if (Number.isNaN(sum)) complain("a sum that is a number");
    if (!below && sum < 0) complain("a sum below zero only where a bound is");
  }
}

function checkBuckets(
  buckets: readonly ParsedSample[],
  complain: Complain,
): void {
  if (buckets.at(-1)?.labels.get("le") !== "+Inf") {
    complain("a last bucket +Inf");
  }
  checkRising(buckets, "le", complain);
  let lower = -Infinity;
  let before = 0;
  for (const { labels, value, exemplar } of buckets) {
    if (value < before) complain("buckets that never fall");
    before = value;
    const le = labels.get("le")!;
    const upper = le === "+Inf" ? Infinity : Number(le);
    // NaN belongs to the last bucket, where no comparison holds it back.
    if (exemplar !== undefined && !Number.isNaN(exemplar.value)) {
      const within = exemplar.value > lower && exemplar.value <= upper;
      if (!within) complain("an exemplar within its bucket");
    }
    lower = upper;
  }
}

function checkRising(
  samples: readonly ParsedSample[],
  label: string,
  complain: Complain,
): void {
  let before = -Infinity;
  for (const { labels } of samples) {
    const text = labels.get(label)!;
    if (text === "+Inf") {
      before = Infinity;
      continue;
    }
    const bound = Number(text);
    if (!Number.isFinite(bound) || text !== canonical(bound)) {
      complain(`${label} in its canonical spelling`);
    }
    if (!(bound > before)) complain(`${label} that rises`);
    before = bound;
  }
}

/** Shortest digits, with the point or the exponent placed by hand. */
function canonical(value: number): string {
  if (value === 0) return "0.0";
  const [digits = "", power = "0"] = Math.abs(value).toExponential()
    .replace(".", "").split("e");
  const exponent = Number(power);
  const sign = value < 0 ? "-" : "";
  if (exponent < -4 || exponent >= 6) {
    const rest = digits.length > 1 ? `.${digits.slice(1)}` : "";
    const size = `${Math.abs(exponent)}`.padStart(2, "0");
    return `${sign}${digits[0]}${rest}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}

/** A text that is the same for the same labels, whatever their order. */
function keyOf(labels: ReadonlyMap<string, string>, without?: string): string {
  return JSON.stringify(
    [...labels].filter(([name, value]) => name !== without && value !== "")
      .sort(([a], [b]) => a < b ? -1 : 1),
  );
}

/**
 * Which names are legal, and what to type instead of one that is not.
 *
 * Classic names are those that every reader takes as they are:
 * `[a-zA-Z_:][a-zA-Z0-9_:]*` for metrics, the same without colons for labels.
 * Any other text may be a name in UTF-8. Names that begin with an underscore
 * are reserved: two of them by Prometheus, one by OpenMetrics.
 */

/** Whether `name` is of the classic characters of metrics. */
export function isClassicMetric(name: string): boolean {
  return /^[a-z_:][\w:]*$/i.test(name);
}

/** Whether `name` is of the classic characters of labels. */
export function isClassicLabel(name: string): boolean {
  return /^[a-z_]\w*$/i.test(name);
}

/** Whether `name` is a metric name that every reader of every format takes. */
export function isMetricName(name: string): boolean {
  return /^[a-z:][\w:]*$/i.test(name);
}

/** Whether `name` is a label name that every reader of every format takes. */
export function isLabelName(name: string): boolean {
  return /^[a-z]\w*$/i.test(name);
}

/** Whether `name` is a name, of a metric or a label, in UTF-8. */
export function isUtf8Name(name: string): boolean {
  return name !== "" && !name.startsWith("_") && name.isWellFormed();
}

/** The legal label name nearest to `name`: for messages, not for exposition. */
export function suggestName(name: string): string {
  const plain = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/\W+/g, "_")
    .replace(/^_+|_+$/g, "");
  return plain.replace(/^\d/, "n$&") || "unnamed";
}

/** `name` without `suffix`, if it ends in it. */
export function withoutSuffix(name: string, suffix: string): string {
  const kept = name.endsWith(suffix) ? suffix.length : 0;
  return name.slice(0, name.length - kept);
}

/**
 * Which names are legal, and what to type instead of one that is not.
 *
 * Classic names are those that every reader takes as they are:
 * `[a-zA-Z_:][a-zA-Z0-9_:]*` for metrics, the same without colons for labels.
 * Any other text may be a name in UTF-8. Names that begin with an underscore
 * are reserved: two of them by Prometheus, one by OpenMetrics.
 */

const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** Whether `name` is of the classic characters of metrics. */
export function isClassicMetric(name: string): boolean {
  return METRIC_NAME.test(name);
}

/** Whether `name` is of the classic characters of labels. */
export function isClassicLabel(name: string): boolean {
  return LABEL_NAME.test(name);
}

/** Whether `name` is a metric name that every reader of every format takes. */
export function isMetricName(name: string): boolean {
  return isClassicMetric(name) && !name.startsWith("_");
}

/** Whether `name` is a label name that every reader of every format takes. */
export function isLabelName(name: string): boolean {
  return isClassicLabel(name) && !name.startsWith("_");
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
    .replace(/[^a-z0-9_]+/g, "_")
    .replace(/^_+|_+$/g, "");
  if (plain === "") return "unnamed";
  return /^[0-9]/.test(plain) ? `n${plain}` : plain;
}

/** `name` without `suffix`, if it ends in it. */
export function withoutSuffix(name: string, suffix: string): string {
  return name.endsWith(suffix)
    ? name.slice(0, name.length - suffix.length)
    : name;
}

/**
 * Checks names of metrics and labels, and suggests legal ones.
 *
 * Classic names are accepted by every reader: `[a-zA-Z_:][a-zA-Z0-9_:]*` for
 * metrics, the same without colons for labels. Any other text can be a UTF-8
 * name. Prometheus reserves names with two leading underscores, OpenMetrics
 * those with one.
 */

/** Returns whether `name` is a classic metric name. */
export function isClassicMetric(name: string): boolean {
  return /^[a-z_:][\w:]*$/i.test(name);
}

/** Returns whether `name` is a classic label name. */
export function isClassicLabel(name: string): boolean {
  return /^[a-z_]\w*$/i.test(name);
}

/** Returns whether `name` is a classic metric name that no format reserves. */
export function isMetricName(name: string): boolean {
  return /^[a-z:][\w:]*$/i.test(name);
}

/** Returns whether `name` is a classic label name that no format reserves. */
export function isLabelName(name: string): boolean {
  return /^[a-z]\w*$/i.test(name);
}

/**
 * Returns whether `name` is a UTF-8 name that no format reserves. NUL is refused:
 * many readers end a text there.
 */
export function isUtf8Name(name: string): boolean {
  return name !== "" && !name.startsWith("_") && !name.includes("\0") &&
    name.isWellFormed();
}

/** Returns a legal label name close to `name`, for error messages. */
export function suggestName(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/\W+/g, "_")
    .replace(/^_+|_+$/g, "");
  return words.replace(/^\d/, "n$&") || "unnamed";
}

/** Returns `name` without `suffix`; unchanged if it does not end with it. */
export function withoutSuffix(name: string, suffix: string): string {
  const cut = name.endsWith(suffix) ? suffix.length : 0;
  return name.slice(0, name.length - cut);
}

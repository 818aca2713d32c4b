/** The texts that consoles print for series, families and registries. */

/**
 * The method that `console.log` of Deno, Bun and Node calls. Without it, they
 * print the internals: the whole table for one series.
 */
export const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom");

/** The properties of the built-in series that have a value. */
const SHOWN = ["value", "count", "sum", "active"] as const;

/** Returns the text of a series, such as `counter hits_total{page="/"} value=1`. */
export function seriesText(
  series: object,
  { type, name, labelNames }: {
    readonly type: string;
    readonly name: string;
    readonly labelNames: readonly string[];
  },
  values: readonly string[],
): string {
  const labels = values.map((value, at) =>
    `${labelNames[at]}=${JSON.stringify(value)}`
  );
  let text = `${type} ${name}` + (labels.length > 0 ? `{${labels}}` : "");
  for (const key of SHOWN) {
    if (key in series) text += ` ${key}=${(series as never)[key]}`;
  }
  return text;
}

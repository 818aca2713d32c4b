/** Writes plain JSON values as readable YAML. */

/** Words that YAML reads as something other than text. */
const SPECIAL = /^(?:true|false|null|yes|no|on|off|y|n|~)$/i;

/** Text that needs no quotes: it begins with a letter and has no marks. */
const PLAIN = /^[A-Za-z_][\w.\-/ ]*$/;

/**
 * Returns a value as YAML, such as rules: a line per field, and text in quotes
 * wherever it could be read as something else. The value must be plain JSON.
 */
export function toYaml(value: unknown): string {
  return `${linesOf(value).join("\n")}\n`;
}

function scalar(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  const isPlain = PLAIN.test(value) && !SPECIAL.test(value) &&
    !value.endsWith(" ");
  // A JSON string is a double-quoted scalar of YAML.
  return isPlain ? value : JSON.stringify(value);
}

function linesOf(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [scalar(value)];
  if (Array.isArray(value)) {
    if (value.length === 0) return ["[]"];
    return value.flatMap((item) => {
      const [first = "", ...rest] = linesOf(item);
      return [`- ${first}`, ...rest.map((line) => `  ${line}`)];
    });
  }
  const entries = Object.entries(value).filter(([, item]) =>
    item !== undefined
  );
  if (entries.length === 0) return ["{}"];
  return entries.flatMap(([key, item]) => {
    const lines = linesOf(item);
    const isBlock = typeof item === "object" && item !== null &&
      Object.keys(item).length > 0;
    return isBlock
      ? [`${scalar(key)}:`, ...lines.map((line) => `  ${line}`)]
      : [`${scalar(key)}: ${lines[0]}`];
  });
}

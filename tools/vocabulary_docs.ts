/**
 * Writes the tables of `docs/recorders.md` from the presets:
 * `deno run --allow-read --allow-write tools/vocabulary_docs.ts`.
 */
import { fileURLToPath } from "node:url";
import type { FamilyFacts } from "../src/recorders/mod.ts";
import { channels } from "../src/recorders/presets/channels.ts";
import { liveView } from "../src/recorders/presets/live_view.ts";
import { servicePlatform } from "../src/recorders/presets/service_platform.ts";
import { workerFleet } from "../src/recorders/presets/worker_fleet.ts";

export const PAGE = fileURLToPath(
  new URL("../docs/recorders.md", import.meta.url),
);

/** The presets, by their names in code. */
const PRESETS = { liveView, workerFleet, channels, servicePlatform };

function row({ name, type, help, labels, buckets, twin }: FamilyFacts): string {
  const labelCells = labels.map(([label, values]) =>
    values === undefined
      ? `\`${label}\``
      : `\`${label}\` (${values.join(", ")})`
  );
  const notes = [
    ...buckets === undefined ? [] : [`Buckets: ${buckets.join(", ")}.`],
    ...twin ? ["Only with the option `seconds`."] : [],
  ];
  const text = [help, ...notes].join(" ");
  return `| \`${name}\` | ${type} | ${labelCells.join(", ")} | ${text} |`;
}

/** Returns `page` with all tables rewritten. */
export function withTables(page: string): string {
  let text = page;
  for (const [name, preset] of Object.entries(PRESETS)) {
    const begin = `<!-- ${name} -->\n`;
    const end = `\n<!-- end of ${name} -->`;
    const from = text.indexOf(begin) + begin.length;
    const to = text.indexOf(end);
    if (to < from) {
      throw new Error(
        `Cannot write docs/recorders.md: the marks of "${name}" are missing`,
      );
    }
    const table = [
      "\n| metric | type | labels | help |",
      "| --- | --- | --- | --- |",
      ...preset.families().map(row),
      "",
    ];
    text = text.slice(0, from) + table.join("\n") + text.slice(to);
  }
  return text;
}

if (import.meta.main) {
  Deno.writeTextFileSync(PAGE, withTables(Deno.readTextFileSync(PAGE)));
}

/**
 * A collector: when it is scraped, it reads the files of a folder, and exposes
 * their number and size by extension.
 *
 *     deno run --allow-read examples/collector.ts
 *
 * Runs on Deno, Bun and Node.
 */
import { readdir, stat } from "node:fs/promises";
import { createRegistry, metricsHandler } from "../mod.ts";
import { familyDesc, Labels, type Source } from "../src/model/mod.ts";

const files = familyDesc({
  name: "folder_files",
  type: "gauge",
  help: "Files in the folder, by extension.",
  labelNames: ["extension"],
});
const bytes = familyDesc({
  ...files,
  name: "folder_size_bytes",
  help: "Size of the files in the folder, by extension.",
  unit: "bytes",
});

function folderOf(folder: URL): Source {
  let found = new Map<string, { count: number; size: number }>();
  return {
    descs: [files, bytes],
    // Runs before `collect` and may wait: the scrape has a deadline.
    async refresh(signal) {
      const next: typeof found = new Map();
      for (const name of await readdir(folder)) {
        signal.throwIfAborted();
        const extension = name.split(".").slice(1).at(-1) ?? "none";
        const { count, size } = next.get(extension) ?? { count: 0, size: 0 };
        const file = await stat(new URL(name, folder));
        next.set(extension, { count: count + 1, size: size + file.size });
      }
      found = next;
    },
    collect(sink) {
      for (const desc of [files, bytes]) {
        if (!sink.family(desc)) continue; // the scraper has not requested it
        for (const [extension, { count, size }] of found) {
          const labels = new Labels(desc.labelNames, [extension]);
          sink.number(labels, desc === files ? count : size, 0);
        }
      }
    },
  };
}

const registry = createRegistry({ selfMetrics: false });
registry.add(folderOf(new URL("./", import.meta.url)));
const response = await metricsHandler(registry)(
  new Request("http://localhost/metrics"),
);
console.log(await response.text());

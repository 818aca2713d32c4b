/** The page about migrating from prom-client names all that both packages export. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";

const require = createRequire(import.meta.url);
const PAGE = readFileSync(
  new URL("../docs/prom-client.md", import.meta.url),
  "utf8",
);

/** The names in code that the first columns of the page's tables contain. */
const OLD_NAMES = new Set(
  PAGE.split("\n")
    .filter((line) => line.startsWith("| "))
    .flatMap((line) => [...line.split(" | ")[0]!.matchAll(/`([^`]+)`/g)])
    .flatMap(([, code]) => code!.match(/\w+/g) ?? []),
);

/** Returns the names of values and types that a package exports. */
function exportsOf(name: string): string[] {
  const main = require.resolve(name);
  const types = readFileSync(join(dirname(main), "index.d.ts"), "utf8");
  const declared = types.matchAll(
    /^export (?:class|const|enum|function|interface|type) (\w+)/gm,
  );
  return [
    ...Object.keys(require(name) as object),
    ...[...declared].map((match) => match[1]!),
  ];
}

for (const name of ["prom-client", "@prometheus-io/client"]) {
  test(`docs/prom-client.md names all exports of ${name}`, () => {
    const names = exportsOf(name);
    assert.ok(names.length > 30);
    assert.deepEqual(names.filter((each) => !OLD_NAMES.has(each)), []);
  });
}

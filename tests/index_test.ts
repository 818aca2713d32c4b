/** The README, the index, `mod.ts` and the changelog agree with their sources. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { VERSION } from "../src/base/internal.ts";

const ROOT = new URL("..", import.meta.url);

function read(file: string): string {
  return readFileSync(new URL(file, ROOT), "utf8");
}

const INDEX = read("docs/README.md");

const DOORS = Object.keys(
  (JSON.parse(read("deno.json")) as { exports: object }).exports,
);

test("the index of the docs has a row for every door", () => {
  const rows = [...INDEX.matchAll(/^\| `(\.[\w/-]*)` +\|/gm)]
    .map(([, door]) => door!);
  assert.deepEqual(rows.sort(), [...DOORS].sort());
});

test("mod.ts names every other door", () => {
  const docs = read("mod.ts").split("@module")[0]!;
  for (const door of DOORS) {
    if (door !== ".") assert.ok(docs.includes(`\`${door}\``), door);
  }
});

test("the changelog begins with the version of the manifests", () => {
  const { version } = JSON.parse(read("deno.json")) as { version: string };
  const [, newest] = /^## (\S+) \(\d{4}-\d\d-\d\d\)$/m.exec(
    read("CHANGELOG.md"),
  ) ?? [];
  assert.equal(newest, version);
  assert.equal(VERSION, version);
});

test("the README has the bundle sizes of docs/performance.md", () => {
  const sizes = read("docs/performance.md");
  const row = read("README.md").split("\n")
    .find((line) => line.startsWith("| [bundle]"))!;
  const programs = [
    "counter, classic histogram, two text formats",
    "@prometheus-io/client 0.16: counter, text",
    "OpenTelemetry 3: counter, Prometheus exporter",
  ];
  assert.deepEqual(
    [...row.matchAll(/([\d.]+) kB/g)].map(([, size]) => size),
    programs.map((program) =>
      sizes.split(`| ${program} `)[1]!.match(/[\d.]+/)![0]
    ),
  );
});

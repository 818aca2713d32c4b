/** Two formats that a user could write: they import only public modules. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { expose, type Format, prometheusText } from "../../src/encode/mod.ts";
import { formatHandler } from "../../src/http/mod.ts";
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import { capture, merge, replay } from "../../src/model/mod.ts";
import { formatLaws } from "../../src/testing/mod.ts";
import { importsOf } from "../support/imports.ts";
import { bareLines } from "./bare_lines.ts";
import { influx } from "./influx.ts";

const NUMBER = String.raw`(?:-?[\d.]+(?:e[+-]\d+)?|NaN|[+-]Inf)`;

/** The syntax of one line, by the id of the format. */
const LINE: Readonly<Record<string, RegExp>> = {
  "influx": new RegExp(
    String.raw`^(?:\\.|[^\\,= ])+(?:,(?:\\.|[^\\,= ])+=(?:\\.|[^\\,= ])+)* ` +
      `[a-z]\\S*?=${NUMBER}(?:,[a-z]\\S*?=${NUMBER})*$`,
  ),
  "bare-lines": new RegExp(
    String.raw`^(?:[\w:]+(?:\{.*="(?:\\.|[^"\\])*"\})?|\{".*\}) ${NUMBER}$`,
    "s",
  ),
};

/** Checks each line of a body; returns the lines. */
function read(body: Uint8Array, { id }: Format): readonly string[] {
  const lines = new TextDecoder("utf-8", { fatal: true }).decode(body)
    .split("\n");
  assert.equal(lines.pop(), "", "the last line ends in a line feed");
  for (const line of lines) assert.match(line, LINE[id]!);
  return lines;
}

function registryOf(series: number): Registry {
  const registry = createRegistry({ selfMetrics: false });
  const jobs = registry.counter({
    name: "jobs_total",
    help: "Jobs.",
    labels: ["queue"],
  });
  for (let i = 0; i < series; i++) jobs.with({ queue: `a b${i}` }).inc(i);
  const wait = registry.histogram({
    name: "wait_seconds",
    help: "Wait.",
    buckets: [1, 5],
  });
  wait.observe(0.5);
  wait.observe(7);
  return registry;
}

function requestFor(accept: string, coding?: string): Request {
  const headers = new Headers({ accept });
  if (coding !== undefined) headers.set("accept-encoding", coding);
  return new Request("http://localhost/metrics", { headers });
}

async function gunzip(body: ReadableStream<Uint8Array>): Promise<string> {
  const plain = body.pipeThrough(
    new DecompressionStream("gzip") as unknown as ReadableWritablePair<
      Uint8Array,
      Uint8Array
    >,
  );
  return await new Response(plain as BodyInit).text();
}

const FORMATS = [influx, bareLines] as const;

test("expose() writes a custom format with its own label syntax", () => {
  const text = (format: Format): string =>
    new TextDecoder().decode(expose(registryOf(2), format));
  assert.equal(
    text(influx),
    "jobs_total,queue=a\\ b0 value=0\njobs_total,queue=a\\ b1 value=1\n" +
      "wait_seconds count=2,sum=7.5,le_1=1,le_5=0\n",
  );
  assert.equal(
    text(bareLines),
    'jobs_total{queue="a b0"} 0\njobs_total{queue="a b1"} 1\n' +
      "wait_seconds_sum 7.5\nwait_seconds_count 2\n",
  );
});

for (const format of FORMATS) {
  test(`formatLaws() hold for ${format.id}`, { timeout: 120_000 }, () => {
    formatLaws(format, { read, sources: [() => registryOf(100)] });
  });

  test(`formatHandler() serves and negotiates ${format.id}`, async () => {
    const registry = registryOf(3);
    const handler = formatHandler(registry, [prometheusText, ...FORMATS]);
    const response = await handler(requestFor(format.mediaType));
    assert.equal(response.headers.get("content-type"), format.contentType);
    const body = new TextDecoder().decode(expose(registry, format));
    assert.equal(await response.text(), body);
    const other = await handler(requestFor("text/plain"));
    assert.match(other.headers.get("content-type")!, /^text\/plain/);
  });

  test(`formatHandler() compresses and caches ${format.id}`, async () => {
    const registry = registryOf(3000);
    const jobs = registry.counter({
      name: "jobs_total",
      help: "Jobs.",
      labels: ["queue"],
    });
    const handler = formatHandler(registry, FORMATS);
    for (let i = 0; i < 4; i++) {
      jobs.with({ queue: `a b${i * 7}` }).inc(10 ** i);
      const response = await handler(requestFor(format.mediaType, "gzip"));
      assert.equal(response.headers.get("content-encoding"), "gzip");
      const body = new TextDecoder().decode(expose(registry, format));
      assert.equal(await gunzip(response.body!), body);
    }
  });

  test(`merge() of two workers is written as ${format.id}`, () => {
    const snapshots = [3, 4].map((series) => capture(registryOf(series)));
    const lines = read(expose(replay(merge(snapshots)), format), format);
    const first = lines.find((line) => /b2/.test(line));
    assert.match(first!, /[ =]4$/, "2 from each worker");
  });
}

test("both formats import only public modules", () => {
  for (const file of ["influx.ts", "bare_lines.ts"]) {
    const code = readFileSync(new URL(file, import.meta.url), "utf8");
    for (const { from } of importsOf(code)) {
      assert.match(from, /^\.\.\/\.\.\/src\/\w+\/mod\.ts$/);
    }
  }
});

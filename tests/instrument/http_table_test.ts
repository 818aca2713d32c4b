/** Compares the tables of docs/http.md with the metrics themselves. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createRegistry } from "../../src/metrics/mod.ts";
import { ERROR_CATEGORIES } from "../../src/instrument/error_category.ts";
import { METHODS } from "../../src/instrument/methods.ts";
import { instrumentEvents } from "../../src/instrument/mod.ts";
import { expositionOf, parseExposition } from "../../src/testing/mod.ts";
import { createTelemetry } from "../../src/telemetry/mod.ts";

const PAGE = readFileSync(
  new URL("../../docs/http.md", import.meta.url),
  "utf8",
);

/** Returns the cells of the rows of a table below its header. */
function rowsOf(header: string): string[][] {
  const lines = PAGE.split("\n");
  const at = lines.findIndex((line) => line.split("|")[1]?.trim() === header);
  assert.ok(at >= 0, header);
  const end = lines.findIndex((line, index) => index > at && line === "");
  return lines.slice(at + 2, end).map((line) =>
    line.split("|").slice(1, -1).map((cell) => cell.trim())
  );
}

/** Returns the words of a cell that are code. */
function codesIn(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);
}

/** The families of one scheme: `type name{labels} unit`, sorted. */
type Families = readonly string[];

/** Returns the families that an observed app exposes under these names. */
async function exposed(
  names: "prometheus" | "semconv" | "both",
): Promise<Families> {
  const registry = createRegistry();
  const telemetry = createTelemetry({ registry, names, runtime: false });
  const app = telemetry.observe(() =>
    new Response("body", { headers: { "content-length": "4" } })
  );
  const request = new Request("http://localhost/", {
    method: "POST",
    headers: { "content-length": "4" },
    body: "body",
  });
  await app(request);
  await telemetry.fetch({ fetch: () => Promise.resolve(new Response()) })(
    "http://stock/",
  );
  const samples = expositionOf(registry);
  const families = registry.descs.filter(({ name }) => name.startsWith("http"));
  for (const { name } of families) {
    assert.ok(samples.includes(`\n${name}`), name);
  }
  await telemetry.close();
  return families.map(({ name, type, unit, labelNames }) =>
    `${type} ${name}{${labelNames.join()}} ${unit || "requests"}`
  ).sort();
}

/** Returns the families of the table under these names. */
function documented(names: "prometheus" | "semconv" | "both"): Families {
  const shared = "http_client_request_duration_seconds";
  return rowsOf("metric").flatMap(
    ([own, ownLabels, type, unit, _recorded, other, otherLabels]) => {
      const family = (name: string, labels: string) =>
        codesIn(name).map((code) =>
          `${type} ${code}{${codesIn(labels).join()}} ${unit}`
        );
      if (names === "prometheus") return family(own!, ownLabels!);
      if (names === "semconv") return family(other!, otherLabels!);
      return codesIn(own!)[0] === shared
        ? family(own!, `${ownLabels} ${otherLabels}`)
        : [...family(own!, ownLabels!), ...family(other!, otherLabels!)];
    },
  ).sort();
}

for (const names of ["prometheus", "semconv", "both"] as const) {
  test(`docs/http.md lists what an app exposes under "${names}"`, async () => {
    assert.deepEqual(documented(names), await exposed(names));
  });
}

test("docs/http.md lists the metrics of events", () => {
  const registry = createRegistry({ selfMetrics: false });
  instrumentEvents({ registry });
  const families = registry.descs.map(({ name, type, unit, labelNames }) =>
    `${type} ${name}{${labelNames.join()}} ${unit || "events"}`
  );
  const rows = rowsOf("metric of events").map(([name, labels, type, unit]) =>
    `${type} ${codesIn(name!)}{${codesIn(labels!)}} ${unit}`
  );
  assert.deepEqual(rows, families);
  for (const category of ERROR_CATEGORIES) {
    assert.ok(PAGE.includes(`\`${category}\``), category);
  }
});

test("docs/http.md lists each label under both schemes", () => {
  const labelsAt = (column: number, cells: readonly string[][]) =>
    new Set(cells.flatMap((row) => codesIn(row[column]!)));
  const [metrics, labels] = [rowsOf("metric"), rowsOf("label")];
  assert.deepEqual(labelsAt(0, labels), labelsAt(1, metrics));
  assert.deepEqual(
    [...labelsAt(1, labels)].sort(),
    [...labelsAt(6, metrics)].sort(),
  );
});

/** Returns the values of the labels of a service. */
async function recorded() {
  const telemetry = createTelemetry({ registry: createRegistry() });
  const answers = [undefined, 200, 304, 404, 500];
  const app = telemetry.observe((request: Request) => {
    const status = answers[Number(request.headers.get("answer"))];
    if (status === undefined) return undefined;
    const body = status === 304 ? null : "body";
    return new Response(body, { status, headers: { "content-length": "4" } });
  });
  for (const answer of answers.keys()) {
    const request = new Request("http://localhost/", {
      method: "POST",
      headers: { "content-length": "4", "answer": String(answer) },
      body: "body",
    });
    await app(request);
  }
  for (const method of [...METHODS, "PURGE"]) {
    // A `Request` cannot have every method that a server receives.
    await app(
      {
        method,
        url: "http://localhost/",
        headers: new Headers(),
      } as unknown as Request,
    );
  }
  const stop = new AbortController();
  const call = telemetry.fetch({
    fetch: (_input, init) => {
      const { signal } = init!;
      if (signal === undefined) return Promise.reject(new Error("down"));
      stop.abort();
      return Promise.reject(signal!.reason);
    },
  });
  await assert.rejects(call("http://stock/", {}));
  await assert.rejects(call("http://stock/", { signal: stop.signal }));
  await assert.rejects(call("http://stock/", { method: "PURGE" }));
  const page = await telemetry.endpoints.metrics(
    new Request("http://localhost/metrics", {
      headers: { accept: "application/openmetrics-text" },
    }),
  );
  await telemetry.close();
  const families = parseExposition(await page.text(), "openmetrics-1.0.0")
    .filter(({ name }) => name.startsWith("http_"));
  const values: Record<string, Set<string>> = {};
  for (const { samples } of families) {
    for (const sample of samples) {
      for (const [label, value] of sample.labels) {
        if (label !== "le") (values[label] ??= new Set()).add(value);
      }
    }
  }
  return values;
}

test("docs/http.md lists the values of the labels", async () => {
  const values = await recorded();
  const cells = Object.fromEntries(
    rowsOf("label").map(([label, , cell]) => [
      codesIn(label!)[0],
      codesIn(cell!.replaceAll('`"semconv"`', "")),
    ]),
  );
  assert.deepEqual([...values["method"]!].sort(), cells["method"]!.sort());
  for (const status of values["status_class"]!) {
    assert.ok(cells["status_class"]!.includes(status), status);
  }
  assert.deepEqual([...values["outcome"]!].sort(), ["aborted", "error"]);
  assert.deepEqual(cells["outcome"]!.slice(0, 2), ["error", "aborted"]);
  assert.deepEqual([...values["route"]!, ...values["peer"]!], [
    "unknown",
    "unknown",
  ]);
});

/** Compares the tables of docs/http.md with the metrics themselves. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { createRegistry } from "../../src/metrics/mod.ts";
import { parseExposition } from "../../src/testing/mod.ts";
import { createTelemetry } from "../../src/telemetry/mod.ts";

const PAGE = readFileSync(
  new URL("../../docs/http.md", import.meta.url),
  "utf8",
);

/** Returns the cells of the rows of a table below its header. */
function rowsOf(header: string): string[][] {
  const lines = PAGE.split("\n");
  const at = lines.findIndex((line) => line.startsWith(`| ${header} `));
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

interface Row {
  readonly type: string;
  readonly unit: string;
  readonly labels: readonly string[];
}

/** Returns the HTTP metrics of a service, and the values of their labels. */
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
  for (const method of [...codesIn(rowsOf("label")[0]![1]!), "PURGE"]) {
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
  const rows: Record<string, Row> = {};
  const values: Record<string, Set<string>> = {};
  for (const { name, type, unit, samples } of families) {
    const labels = new Set<string>();
    for (const sample of samples) {
      for (const [label, value] of sample.labels) {
        if (label === "le") continue;
        labels.add(label);
        (values[label] ??= new Set()).add(value);
      }
    }
    const full = type === "counter" ? `${name}_total` : name;
    rows[full] = { type, unit: unit || "requests", labels: [...labels] };
  }
  return { rows, values };
}

test("docs/http.md lists the HTTP metrics with type, unit and labels", async () => {
  const documented = rowsOf("metric").map(([name, type, unit, labels]) => [
    codesIn(name!)[0],
    { type, unit, labels: codesIn(labels!) },
  ]);
  const { rows } = await recorded();
  assert.deepEqual(rows, Object.fromEntries(documented));
});

test("docs/http.md lists the values of the labels", async () => {
  const { values } = await recorded();
  const documented = Object.fromEntries(
    rowsOf("label").map((
      [label, cell],
    ) => [codesIn(label!)[0], codesIn(cell!)]),
  );
  assert.deepEqual([...values["method"]!].sort(), documented["method"]!.sort());
  const classes = documented["status_class"]!;
  assert.deepEqual([...values["status_class"]!].sort(), classes);
  assert.deepEqual([...values["outcome"]!].sort(), ["aborted", "error"]);
  assert.deepEqual(documented["outcome"], ["error", "aborted"]);
  assert.deepEqual(
    [...values["route"]!, ...values["peer"]!],
    ["unknown", "unknown"],
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../../support/property.ts";
import { openMetrics, prometheusText } from "../../../src/encode/mod.ts";
import { metricsHandler } from "../../../src/http/mod.ts";
import {
  familyFilter,
  refreshSeconds,
  selectedNames,
} from "../../../src/http/metrics/scrape_request.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { familyDesc } from "../../../src/model/mod.ts";
import { parseExposition } from "../../../src/testing/mod.ts";
import { brokenSource, get, help, OPEN } from "../fixtures.ts";

test("selectedNames() returns each name[] once, sorted, however it is encoded", () => {
  assert.equal(selectedNames(""), undefined);
  assert.equal(selectedNames("?"), undefined);
  assert.equal(selectedNames("?name=a&names[]=b"), undefined);
  assert.deepEqual(selectedNames("?name[]=b&x=1&name[]=a&name[]=b"), [
    "a",
    "b",
  ]);
  assert.deepEqual(selectedNames("?name%5B%5D=a%20b#name[]=c"), ["a b"]);
});

test("selectedNames() accepts 100 names, and queries of up to 16 KiB", () => {
  const query = (size: number) =>
    `?${Array.from({ length: size }, (_, i) => `name[]=n${i}`).join("&")}`;
  assert.equal(selectedNames(query(100))?.length, 100);
  assert.equal(selectedNames(query(101)), "too many");
  assert.equal(selectedNames(`?${"x".repeat(16_384)}`), "too many");
});

test("familyFilter() selects a family by each name that it exposes", () => {
  const desc = familyDesc({ name: "h", type: "histogram", help });
  const dotted = familyDesc({ name: "a.b", type: "gauge", help }, "utf-8");
  const selects = (name: string, of = desc, format = prometheusText) =>
    familyFilter([name], format)(of);
  for (const name of ["h", "h_bucket", "h_sum", "h_count"]) {
    assert.ok(selects(name), name);
  }
  for (const name of ["", "H", "h_total", "h{le=1}", "_bucket"]) {
    assert.ok(!selects(name), name);
  }
  assert.ok(selects("a.b", dotted));
  assert.ok(selects("a_b", dotted), "as this format escapes it");
  assert.ok(!selects("a_b", dotted, openMetrics.escapedBy("allow-utf-8")));
});

test("refreshSeconds() leaves a margin of a tenth of the timeout, at most half a second", () => {
  assert.equal(refreshSeconds("10", 8), 8);
  assert.equal(refreshSeconds("8.5", 100), 8);
  assert.equal(refreshSeconds("1.000000", 8), 0.9);
  assert.equal(refreshSeconds("0.2", 8), 0.18);
  // Healthy sources would be counted as late.
  assert.equal(refreshSeconds("0.000001", 8), 0.09);
  assert.equal(refreshSeconds("0.000001", 0.01), 0.01);
  for (
    const malformed of ["", "0", "-1", "NaN", "1e9", "Infinity", "1,5", "x"]
  ) {
    assert.equal(refreshSeconds(malformed, 8), 8, malformed);
  }
});

test("law: refreshSeconds() is above zero and at most the timeout of the handler", () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.double().map(String), fc.nat().map(String)),
      (header) => {
        const seconds = refreshSeconds(header, 8);
        assert.ok(seconds > 0 && seconds <= 8);
      },
    ),
    { numRuns: 1000 },
  );
});

test("name[] serves the selected families and refreshes no others", async () => {
  const registry = createRegistry();
  registry.gauge({ name: "one", help }).set(1);
  registry.histogram({ name: "two", help }).observe(1);
  registry.add(brokenSource("broken"));
  registry.callbackGauge({
    name: "slow",
    help,
    refresh: () => Promise.reject(new Error("must not be refreshed")),
  });
  const failures: string[] = [];
  const handler = metricsHandler(registry, {
    observer: {
      failed: (part) => void failures.push(part.descs[0]!.name),
    },
  });
  const names = async (query: string, accept = "text/plain") => {
    const response = await handler(get({ accept }, "GET", query));
    assert.equal(response.status, 200);
    const dialect = accept === OPEN ? "openmetrics-1.0.0" : "text-0.0.4";
    return parseExposition(await response.text(), dialect)
      .map(({ name }) => name);
  };
  assert.deepEqual(await names("?name[]=one"), ["one"]);
  assert.deepEqual(await names("?name[]=two_sum&name[]=one"), ["one", "two"]);
  assert.deepEqual(await names("?name[]=two", OPEN), ["two"]);
  assert.deepEqual(await names("?name[]=none"), []);
  assert.deepEqual(await names("?name[]="), []);
  assert.deepEqual(failures, []);
});

test("name[] filters a part that writes more than the selected families", async () => {
  const [selected, other] = ["selected", "other"].map((name) =>
    familyDesc({ name, type: "gauge", help })
  );
  const labels = { names: [], value: () => "" };
  const source = {
    descs: [selected!, other!],
    collect(sink: Parameters<ReturnType<typeof brokenSource>["collect"]>[0]) {
      sink.family(other!);
      sink.number(labels, 1, 0);
      sink.family(selected!);
      sink.number(labels, 2, 0);
    },
  };
  const handler = metricsHandler(source);
  const response = await handler(get({}, "GET", "?name[]=selected"));
  assert.match(await response.text(), /^# HELP selected[^]*\nselected 2\n$/);
});

test("too many names answer 400 to GET; HEAD ignores them", async () => {
  const query = `?${"name[]=a&".repeat(2000)}`;
  const handler = metricsHandler(createRegistry());
  const response = await handler(get({}, "GET", query));
  assert.equal(response.status, 400);
  assert.equal(await response.text(), "give at most 100 names by name[]\n");
  assert.equal((await handler(get({}, "HEAD", query))).status, 200);
});

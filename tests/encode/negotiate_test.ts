import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { negotiate } from "../../src/encode/negotiate.ts";
import { openMetrics, prometheusText } from "../../src/encode/mod.ts";

const TEXT = prometheusText.id;
const OPEN = openMetrics.id;

function chosen(accept: string | null): string {
  return negotiate(accept, [prometheusText, openMetrics]).id;
}

test("what real servers ask for gets the format that they want most", () => {
  const v2_42 = "application/openmetrics-text;version=1.0.0," +
    "application/openmetrics-text;version=0.0.1;q=0.75," +
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
  const v2_53 = "application/openmetrics-text;version=1.0.0;q=0.5," +
    "application/openmetrics-text;version=0.0.1;q=0.4," +
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
  const v3_5 =
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," +
    "application/openmetrics-text;version=0.0.1;q=0.5," +
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4," +
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
  const protobuf = "application/vnd.google.protobuf;" +
    "proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,";
  for (const accept of [v2_42, v2_53, v3_5, protobuf + v2_53]) {
    assert.equal(chosen(accept), OPEN);
  }
});

test("text is the answer to everything that does not ask for OpenMetrics", () => {
  const headers = [
    null,
    "",
    "*/*",
    "text/*",
    "text/plain",
    "text/plain;version=0.0.4",
    "text/html,application/xhtml+xml,*/*;q=0.8",
    "application/json",
    "application/openmetrics-text;version=9.9.9",
    "application/openmetrics-text;q=0",
    "application/openmetrics-text;q=NaN",
    "application/openmetrics-text;q=2",
    "application/openmetrics-text;q=-1",
    "application/openmetrics-text;q=0.000",
    "application/openmetrics-text;q=",
    '"application/openmetrics-text"',
    ";;;,,,",
    "*/*;q=0",
  ];
  for (const accept of headers) assert.equal(chosen(accept), TEXT, `${accept}`);
});

test("OpenMetrics is asked for in any spelling that HTTP allows", () => {
  const headers = [
    "application/openmetrics-text",
    "APPLICATION/OpenMetrics-Text; Version=1.0.0",
    'application/openmetrics-text ; version="1.0.0" ; q=0.5, text/plain;q=0.4',
    "application/*",
    "text/plain;q=0.1, application/openmetrics-text;q=.5",
    "text/plain;q=0, */*",
    'text/html;x="a,b";q=1, application/openmetrics-text;q=0.9',
    "application/openmetrics-text;q=1.000,text/plain",
  ];
  for (const accept of headers) assert.equal(chosen(accept), OPEN, accept);
});

test("of equal wishes the first is granted", () => {
  assert.equal(chosen("text/plain,application/openmetrics-text"), TEXT);
  assert.equal(chosen("application/openmetrics-text,text/plain"), OPEN);
});

test("a header of 64 KiB or a thousand entries has an answer", () => {
  const open = "application/openmetrics-text";
  assert.equal(chosen("x".repeat(65_536)), TEXT);
  assert.equal(chosen(`${open},${"a/b;q=0.5,".repeat(1000)}`), OPEN);
  assert.equal(chosen(`${"a/b,".repeat(1000)}${open}`), TEXT);
  assert.equal(chosen('"'.repeat(65_536)), TEXT);
  assert.equal(chosen(`${open};${"x=y;".repeat(5000)}`), OPEN);
});

test("law: any header whatever gets one of the formats", () => {
  const token = fc.constantFrom(
    "application/openmetrics-text",
    "text/plain",
    "*/*",
    ";q=",
    "0.5",
    "0",
    "NaN",
    ",",
    ";",
    '"',
    "\\",
    "version=1.0.0",
    " ",
    "\u0000",
    "é",
  );
  const soup = fc.array(token, { maxLength: 30 }).map((list) => list.join(""));
  fc.assert(
    fc.property(fc.oneof(fc.string(), soup), (accept) => {
      assert.ok([TEXT, OPEN].includes(chosen(accept)));
    }),
    { numRuns: 5000 },
  );
});

test("law: of weighed wishes the heaviest that can be met is", () => {
  const weight = fc.integer({ min: 0, max: 1000 }).map((n) => n / 1000);
  fc.assert(fc.property(weight, weight, weight, (text, open, other) => {
    const header = `image/png;q=${other}, text/plain;q=${text}, ` +
      `application/openmetrics-text;version=1.0.0;q=${open}`;
    assert.equal(chosen(header), open > text ? OPEN : TEXT);
  }));
});

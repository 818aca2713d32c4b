import assert from "node:assert/strict";
import { test } from "node:test";
import { negotiate } from "../../src/encode/negotiate.ts";
import { openMetrics, prometheusText } from "../../src/encode/mod.ts";

const TEXT = prometheusText.id;
const OPEN = openMetrics.id;

function chosen(accept: string | null): string {
  return negotiate(accept, [prometheusText, openMetrics]).id;
}

/** What real servers send, recorded. */
const RECORDED: Readonly<Record<string, string>> = {
  "Prometheus 2.42": "application/openmetrics-text;version=1.0.0," +
    "application/openmetrics-text;version=0.0.1;q=0.75," +
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
  "Prometheus 2.53": "application/openmetrics-text;version=1.0.0;q=0.5," +
    "application/openmetrics-text;version=0.0.1;q=0.4," +
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
  "Prometheus 3.5":
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," +
    "application/openmetrics-text;version=0.0.1;q=0.5," +
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4," +
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
};

const PROTOBUF = "application/vnd.google.protobuf;" +
  "proto=io.prometheus.client.MetricFamily;encoding=delimited";

test("what real servers ask for gets the format that they want most", () => {
  for (const [server, accept] of Object.entries(RECORDED)) {
    assert.equal(chosen(accept), OPEN, server);
    assert.equal(chosen(`${PROTOBUF},${accept}`), OPEN, `${server}, protobuf`);
    assert.equal(chosen(`${PROTOBUF};q=0.6,${accept}`), OPEN, server);
  }
});

test("real servers with OpenMetrics switched off get text", () => {
  for (const accept of Object.values(RECORDED)) {
    const entries = accept.split(",");
    const rest = entries.filter((one) => !one.includes("openmetrics"));
    assert.equal(rest.length, entries.length - 2);
    assert.equal(chosen(rest.join(",")), TEXT);
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
  assert.equal(chosen(`${open};${"x=y;".repeat(5000)}`), TEXT); // cut off
});

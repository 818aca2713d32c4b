import assert from "node:assert/strict";
import { test } from "node:test";
import { allFormats, negotiate } from "../../src/encode/mod.ts";

const FORMATS = allFormats();
const TEXT = "text-0.0.4";
const OPEN = "openmetrics-1.0.0";

function chosen(accept: string | null): string {
  return negotiate(accept, FORMATS).id;
}

const PROTOBUF = "application/vnd.google.protobuf;" +
  "proto=io.prometheus.client.MetricFamily;encoding=delimited";

/** Recorded headers of real servers, and the expected formats. */
const RECORDED: readonly (readonly [
  server: string,
  accept: string,
  format: string,
  escaping: string,
])[] = [
  [
    "Prometheus 2.42",
    "application/openmetrics-text;version=1.0.0," +
    "application/openmetrics-text;version=0.0.1;q=0.75," +
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    OPEN,
    "underscores",
  ],
  [
    "Prometheus 2.42 with native histograms",
    `${PROTOBUF},application/openmetrics-text;version=1.0.0;q=0.8,` +
    "application/openmetrics-text;version=0.0.1;q=0.75," +
    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
    "protobuf",
    "underscores",
  ],
  [
    "Prometheus 2.53",
    "application/openmetrics-text;version=1.0.0;q=0.5," +
    "application/openmetrics-text;version=0.0.1;q=0.4," +
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    OPEN,
    "underscores",
  ],
  [
    "Prometheus 3.5",
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," +
    "application/openmetrics-text;version=0.0.1;q=0.5," +
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4," +
    "text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
    OPEN,
    "allow-utf-8",
  ],
  [
    "Prometheus 3.5 with native histograms",
    `${PROTOBUF};q=0.6,` +
    "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5," +
    "application/openmetrics-text;version=0.0.1;q=0.4," +
    "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3," +
    "text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
    "protobuf",
    "underscores", // its entry names no scheme
  ],
];

test("negotiate() selects the preferred format of real servers", () => {
  for (const [server, accept, format, escaping] of RECORDED) {
    const selected = negotiate(accept, FORMATS);
    assert.equal(selected.id, format, server);
    assert.equal(selected.escaping, escaping, server);
  }
});

test("negotiate() selects the next best format if the header lacks the best", () => {
  for (const [server, accept] of RECORDED) {
    let rest = accept.split(",").filter((entry) => !entry.includes("protobuf"));
    assert.equal(chosen(rest.join(",")), OPEN, server);
    rest = rest.filter((e) => !e.includes("openmetrics-text;version=1"));
    assert.equal(chosen(rest.join(",")), "openmetrics-0.0.1", server);
    rest = rest.filter((entry) => !entry.includes("openmetrics"));
    const text = server.includes("3.5") ? "text-1.0.0" : TEXT;
    assert.equal(chosen(rest.join(",")), text, server);
  }
});

test("negotiate() never selects a format whose required parameters are missing", () => {
  const headers = [
    "application/openmetrics-text",
    "application/*",
    "*/*",
    "application/vnd.google.protobuf",
    "application/vnd.google.protobuf;encoding=delimited",
    "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily",
    "application/vnd.google.protobuf;" +
    "proto=io.prometheus.client.MetricFamily;encoding=text",
    "application/vnd.google.protobuf;proto=other;encoding=delimited",
    "*/*;proto=io.prometheus.client.MetricFamily;encoding=delimited",
    "*/*;version=2.0.0",
    "application/*;version=2.0.0",
    "application/openmetrics-text;version=2.0",
    "application/openmetrics-text;version=3.0.0",
  ];
  for (const accept of headers) {
    assert.ok([TEXT, OPEN].includes(chosen(accept)), accept);
  }
  const second = "application/openmetrics-text;version=2.0.0";
  assert.equal(chosen(second), "openmetrics-2.0.0");
  assert.equal(
    chosen(`${second};q=0.1,text/plain;q=0.05`),
    "openmetrics-2.0.0",
  );
  assert.equal(chosen(`${second};q=0.1,text/plain`), TEXT);
  assert.equal(chosen(`${second};q=0`), TEXT);
  assert.equal(chosen(PROTOBUF.toUpperCase()), "protobuf");
});

test("negotiate() selects the first version if the header names none", () => {
  assert.equal(chosen("text/plain"), TEXT);
  assert.equal(chosen("text/plain;escaping=dots"), TEXT);
  assert.equal(chosen("application/openmetrics-text"), OPEN);
});

test("negotiate() returns the format with the escaping scheme of the best entry", () => {
  const open = "application/openmetrics-text;version=1.0.0";
  const cases: readonly (readonly [string, string, boolean])[] = [
    [open, "underscores", false],
    [`${open};escaping=dots`, "dots", true],
    [`${open};Escaping="VALUES"`, "values", true],
    [`${open};escaping=allow-utf-8`, "allow-utf-8", true],
    [`${open};escaping=none`, "underscores", false],
    [`${open},text/plain;escaping=dots;q=0.5`, "underscores", false],
    ["text/plain;version=1.0.0", "underscores", true],
    ["text/plain;version=1.0.0;escaping=none", "underscores", true],
    ["text/plain;version=0.0.4;escaping=values", "values", true],
    ["*/*;escaping=dots", "dots", true],
    [`${PROTOBUF};escaping=allow-utf-8`, "allow-utf-8", true],
  ];
  for (const [accept, escaping, isNamed] of cases) {
    const format = negotiate(accept, FORMATS);
    assert.equal(format.escaping, escaping, accept);
    const ending = `; escaping=${escaping}`;
    assert.equal(format.contentType.endsWith(ending), isNamed, accept);
  }
});

test("negotiate() selects text for every header that does not accept OpenMetrics", () => {
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

test("negotiate() accepts every notation that HTTP allows", () => {
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

test("negotiate() prefers the first of equal entries", () => {
  assert.equal(chosen("text/plain,application/openmetrics-text"), TEXT);
  assert.equal(chosen("application/openmetrics-text,text/plain"), OPEN);
});

test("negotiate() returns a format for a header of 64 KiB or a thousand entries", () => {
  const open = "application/openmetrics-text";
  assert.equal(chosen("x".repeat(65_536)), TEXT);
  assert.equal(chosen(`${open},${"a/b;q=0.5,".repeat(1000)}`), OPEN);
  assert.equal(chosen(`${"a/b,".repeat(1000)}${open}`), TEXT);
  assert.equal(chosen('"'.repeat(65_536)), TEXT);
  assert.equal(chosen(`${open};${"x=y;".repeat(5000)}`), TEXT); // cut off
});

test("negotiate() strips quotes only from a value that has both", () => {
  const open = "application/openmetrics-text";
  assert.equal(chosen(`${open};version="1.0.0"`), OPEN);
  assert.equal(chosen(`${open};version="1.0.0x`), TEXT);
  assert.equal(chosen(`${open};version=x1.0.0"`), TEXT);
  assert.equal(chosen(`${PROTOBUF};version=""`), "protobuf");
  assert.equal(chosen(`${PROTOBUF};version="`), TEXT);
});

/** Options of spanExporter(): errors for wrong values, and their advice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { spanExporter } from "../../src/push/mod.ts";

test("spanExporter() refuses an invalid endpoint with advice", () => {
  const wrong = [
    "",
    "  ",
    "ftp://x",
    "http://",
    "http://a b",
    "https://user:hunter2@x",
    "x:99999",
    "http:localhost:4318",
  ];
  for (const endpoint of wrong) {
    assert.throws(() => spanExporter({ endpoint }), (error: Error) => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, /give the address .* "http:\/\/localhost:43/);
      return true;
    }, endpoint);
  }
});

test("spanExporter() refuses wrong options with advice", () => {
  const wrong = {
    endpoint: 4318,
    protocol: "grpc",
    headers: "a: b",
    capacity: 0,
    batch: 1.5,
    interval: 0,
    timeout: Infinity,
    compress: "gzip",
    onError: true,
    retries: 3,
  };
  for (const [name, value] of Object.entries(wrong)) {
    const options = { endpoint: "http://x", [name]: value };
    assert.throws(
      () => spanExporter(options as never),
      new RegExp(`Cannot export spans.*${name}`),
    );
  }
});

test("spanExporter() refuses an endpoint without quoting its password", () => {
  const wrong = [
    "https://user:hunter2@x",
    "https://hunter2@x",
    "https://user:hunter2@x:99999",
    "https://user:hun/hunter2@x y",
    "user:hunter2@x",
    "ftp://user:hunter2@x",
  ];
  for (const endpoint of wrong) {
    assert.throws(() => spanExporter({ endpoint }), (error: Error) => {
      assert.doesNotMatch(error.message, /user|hun/);
      assert.match(error.message, /Cannot export to ".*x/);
      return true;
    }, endpoint);
  }
});

test("spanExporter() refuses an invalid header without quoting its value", () => {
  const wrong: readonly (readonly [string, unknown])[] = [
    ["my key", "hunter2"],
    ["", "hunter2"],
    ["key", "hunter2\r\nhost: elsewhere"],
    ["key", "hunter2 \u{1F511}"],
    ["key", undefined],
    ["key", 42],
  ];
  for (const [name, value] of wrong) {
    const headers = { fine: "yes", [name]: value } as Record<string, string>;
    assert.throws(
      () => spanExporter({ endpoint: "http://x", headers }),
      (error: Error) => {
        assert.ok(error instanceof TypeError);
        assert.ok(error.message.includes(JSON.stringify(name)), error.message);
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      },
    );
  }
});

test("spanExporter() refuses resource attributes that cannot be encoded", () => {
  const wrong = [undefined, null, { a: 1 }, [[1]], [null], 1n, new Date()];
  for (const value of wrong) {
    const resource = { "service.name": "shop", zone: value } as never;
    assert.throws(
      () => spanExporter({ endpoint: "http://x", resource }),
      /Cannot export spans: the resource attribute "zone" is not a string/,
    );
  }
  spanExporter({ endpoint: "http://x", resource: { none: [], all: [true] } });
});

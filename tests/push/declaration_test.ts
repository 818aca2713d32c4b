/** Wrong options are refused where they are given, with advice. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { spanExporter } from "../../src/push/mod.ts";

test("an address that is none is refused, and says what to give", () => {
  const wrong = [
    "",
    "  ",
    "ftp://x",
    "http://",
    "http://a b",
    "https://user:hunter2@x",
    "x:99999",
  ];
  for (const endpoint of wrong) {
    assert.throws(() => spanExporter({ endpoint }), (error: Error) => {
      assert.ok(error instanceof TypeError);
      assert.match(error.message, /give the address .* "http:\/\/localhost:43/);
      return true;
    }, endpoint);
  }
});

test("an option that is wrong is refused, and says what to give", () => {
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

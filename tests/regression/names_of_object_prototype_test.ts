// Properties that other code had added to Object.prototype were read as types of
// families, as rows, selections and encoders: wrong metadata, and 500 on scrapes.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  defineFormat,
  expose,
  openMetrics,
  prometheusProto,
  prometheusText,
} from "../../src/encode/mod.ts";
import { metricsHandler } from "../../src/http/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { capture, familyDesc, merge, replay } from "../../src/model/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";

const help = "Help.";
const DECODER = new TextDecoder();
const FORMATS = [prometheusText, openMetrics, prometheusProto];
const NAMES = [
  ...["counter", "gauge", "histogram", "summary", "ending", "suffixes", "own"],
  ...["rows", "parts", "refresh", "native", "only", "except", "sizeHint"],
  ...["textEncoder", "version"], // not "required": the runtimes read it themselves
];

function program(): string {
  const registry = createRegistry({
    selfMetrics: false,
    clock: new FakeClock(),
  });
  registry.counter({ name: "c_total", help }).inc();
  registry.histogram({ name: "h", help }).observe(1);
  registry.callbackGauge({ name: "g", help, read: (report) => report(1) });
  const desc = familyDesc({ name: "own", type: "summary", help });
  registry.add({ descs: [desc], collect: (sink) => void sink.family(desc) });
  const format = defineFormat({
    id: "own",
    mediaType: "text/x-own",
    parameters: "a=b",
    encoder: (out) => prometheusText.encoder(out),
  });
  const merged = replay(merge([capture(registry), capture(registry)]));
  const bodies = [...FORMATS, format].flatMap((format) =>
    [registry, merged].map((source) => DECODER.decode(expose(source, format)))
  );
  return [...bodies, JSON.stringify(format)].join("\n");
}

const registry = createRegistry({ selfMetrics: false });
registry.counter({ name: "c_total", help }).inc();
const handler = metricsHandler(registry, { prepare: false });

for (const name of NAMES) {
  for (const value of [5, "evil", () => "evil", ["evil"], {}]) {
    test(`Object.prototype.${name} = ${JSON.stringify(value)} changes no exposition`, async () => {
      const expected = program();
      Object.defineProperty(Object.prototype, name, {
        value,
        configurable: true,
        writable: true,
      });
      let body = "";
      let status = 0;
      let found = "";
      try {
        found = program();
        const request = new Request("http://localhost/metrics");
        const response = await handler(request);
        status = response.status;
        body = await response.text();
      } finally {
        Reflect.deleteProperty(Object.prototype, name);
      }
      assert.equal(found, expected);
      assert.equal(status, 200);
      assert.match(body, /^# TYPE c_total counter\nc_total 1\n$/m);
    });
  }
}

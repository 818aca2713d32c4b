// OpenMetrics 2.0 forbids sums of summaries that are NaN or below zero, quantiles
// below zero, and exemplars that repeat a label of the series; all were written.
import assert from "node:assert/strict";
import { test } from "node:test";
import { expose, openMetrics2 } from "../../src/encode/mod.ts";
import { metricsHandler } from "../../src/http/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { familyDesc, Labels, type Source } from "../../src/model/mod.ts";

const help = "Help.";
const headers = { accept: openMetrics2.contentType };

test("a summary without a legal sum is left out, cached or not", async () => {
  const registry = createRegistry({ selfMetrics: false });
  const summary = registry.summary({ name: "drift", help, labels: ["k"] });
  const handlers = [0, 2 ** 28].map((keep) =>
    metricsHandler(registry, { keep, prepare: false })
  );
  const read = async (): Promise<string> => {
    const text = new TextDecoder().decode(expose(registry, openMetrics2));
    for (const handler of handlers) {
      const request = new Request("http://localhost/metrics", { headers });
      assert.equal(await (await handler(request)).text(), text);
    }
    return text;
  };
  summary.with({ k: "a" }).observe(-1);
  assert.equal(await read(), "# EOF\n");
  summary.with({ k: "b" }).observe(2);
  summary.with({ k: "c" }).observe(NaN);
  assert.match(await read(), /^drift\{k="b"\} \{count:1,sum:2,/m);
  assert.doesNotMatch(await read(), /k="[ac]"/);
  summary.with({ k: "a" }).observe(3);
  assert.match(await read(), /^drift\{k="a"\} \{count:2,sum:2,/m);
});

test("quantiles below zero and exemplars with a label of the series are left out", () => {
  const summary = familyDesc({ name: "s", type: "summary", help });
  const counter = familyDesc({
    name: "c_total",
    type: "counter",
    help,
    labelNames: ["k"],
  });
  const source: Source = {
    descs: [summary, counter],
    collect(sink) {
      sink.family(summary);
      sink.summary(Labels.NONE, {
        count: 2,
        sum: 1,
        quantiles: Float64Array.of(0.1, 0.5, 0.9),
        values: Float64Array.of(-1, 1, 2),
      }, 0);
      sink.family(counter);
      for (const name of ["k", "other"]) {
        const exemplar = { labels: { [name]: "x" }, value: 1, timestamp: 1 };
        sink.number(new Labels(["k"], [name]), 1, 0, exemplar);
      }
    },
  };
  const text = new TextDecoder().decode(expose(source, openMetrics2));
  assert.match(text, /^s \{count:2,sum:1,quantile:\[0\.5:1,0\.9:2\]\}$/m);
  assert.match(text, /^c_total\{k="k"\} 1$/m);
  assert.match(text, /^c_total\{k="other"\} 1 # \{other="x"\} 1 1$/m);
});

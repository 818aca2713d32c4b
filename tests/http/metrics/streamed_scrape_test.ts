import assert from "node:assert/strict";
import { test } from "node:test";
import { metricsHandler } from "../../../src/http/mod.ts";
import { createRegistry, type Registry } from "../../../src/metrics/mod.ts";
import type { ScrapeReport, Source } from "../../../src/model/mod.ts";
import { OBSERVER } from "../../../src/model/internal.ts";
import {
  FakeTimers,
  parseExposition,
  valueOf,
} from "../../../src/testing/mod.ts";
import {
  bytesOf,
  gaugeSource,
  get,
  gunzip,
  help,
  settled,
} from "../fixtures.ts";

/** Large enough to be streamed: families of some 70 KB each. */
function largeRegistry(families: number): Registry {
  const registry = createRegistry();
  for (let i = 0; i < families; i++) {
    const name = `family_${i}_total`;
    const counter = registry.counter({ name, help, labels: ["number"] });
    for (let series = 0; series < 2000; series++) {
      counter.at(series).inc(series);
    }
  }
  return registry;
}

function outcomes(registry: Registry): Record<string, number | undefined> {
  const of = (outcome: string) =>
    valueOf(registry, "barograph_scrapes_total", { outcome });
  return { served: of("served"), abandoned: of("abandoned") };
}

test("a large body is streamed completely, also compressed", async () => {
  const registry = largeRegistry(20);
  const handler = metricsHandler(registry);
  const plain = await handler(get());
  assert.equal(plain.headers.get("content-length"), null);
  const families = parseExposition(await plain.text(), "text-0.0.4");
  const own = families.filter(({ name }) => name.startsWith("family_"));
  assert.equal(own.length, 20);
  assert.ok(own.every(({ samples }) => samples.length === 2000));

  const squeezed = await handler(get({ "accept-encoding": "gzip" }));
  assert.equal(squeezed.headers.get("content-encoding"), "gzip");
  const text = await gunzip(await bytesOf(squeezed));
  const again = parseExposition(text, "text-0.0.4");
  assert.deepEqual(again.slice(0, 20), own);
  assert.deepEqual(outcomes(registry), { served: 2, abandoned: undefined });
});

test("a streamed body is complete in every coding", async () => {
  const handler = metricsHandler(largeRegistry(10));
  let codings = 0;
  for (const coding of ["gzip", "deflate", "zstd"]) {
    const response = await handler(get({ "accept-encoding": coding }));
    const used = response.headers.get("content-encoding");
    if (used === null) {
      assert.equal(coding, "zstd", "which some runtimes lack");
      await response.body!.cancel();
      continue;
    }
    assert.equal(used, coding);
    const plain = response.body!.pipeThrough(
      new DecompressionStream(coding as CompressionFormat),
    );
    const text = await new Response(plain).text();
    assert.ok(parseExposition(text, "text-0.0.4").length >= 10);
    codings++;
  }
  assert.ok(codings >= 2);
});

test("a streamed body collects only what is read", async () => {
  const registry = largeRegistry(10);
  let collected = false;
  registry.add(gaugeSource("last", () => {
    collected = true;
    return 1;
  }));
  const response = await metricsHandler(registry)(get());
  const reader = response.body!.getReader();
  await reader.read();
  assert.equal(collected, false);
  await reader.cancel();
  assert.equal(collected, false);
  assert.deepEqual(outcomes(registry), { served: undefined, abandoned: 1 });
});

test("a compressed body that is cancelled is abandoned and leaves maxInFlight", async () => {
  const registry = largeRegistry(40);
  const ended = Promise.withResolvers<ScrapeReport>();
  const source: Source = {
    descs: registry.descs,
    parts: [...registry.parts],
    collect: () => {},
  };
  const handler = metricsHandler(source, {
    maxInFlight: 1,
    observer: { scraped: ended.resolve },
  });
  const gzip = { "accept-encoding": "gzip" };
  const response = await handler(get(gzip));
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  // The cancellation passes through the compression stream.
  assert.equal((await ended.promise).outcome, "abandoned");
  const next = await handler(get(gzip));
  assert.equal(next.status, 200);
  await next.body!.cancel();
});

test("concurrent streamed scrapes get a body each", async () => {
  const handler = metricsHandler(largeRegistry(10));
  const responses = await Promise.all([get(), get()].map(handler));
  for (const response of responses) {
    const families = parseExposition(await response.text(), "text-0.0.4");
    assert.ok(families.length >= 10);
  }
});

test("a scrape gets 503 if a hundred wait for each one of maxInFlight", async () => {
  const registry = largeRegistry(10);
  const gates: (() => void)[] = [];
  const refresh = () => new Promise<void>((resolve) => gates.push(resolve));
  registry.add({ ...gaugeSource("slow", () => 1), refresh });
  const handler = metricsHandler(registry, { maxInFlight: 1 });
  const waiting = Array.from({ length: 100 }, (_, i) =>
    handler(
      new Request(`http://localhost/metrics?name[]=slow&name[]=${i}`),
    ));
  while (gates.length === 0) await settled();
  const refused = await handler(get({ "accept-encoding": "gzip" }));
  assert.equal(refused.status, 503);
  assert.equal(refused.headers.get("retry-after"), "1");
  assert.equal(await refused.text(), "too many scrapes at once\n");
  gates[0]!();
  for (const { status } of await Promise.all(waiting)) {
    assert.equal(status, 200);
  }
  const next = handler(get());
  while (gates.length === 1) await settled();
  gates[1]!();
  assert.equal((await next).status, 200);
  await (await next).body!.cancel();
  const name = "barograph_scrapes_total";
  assert.equal(valueOf(registry, name, { outcome: "refused" }), 1);
});

test("a scrape beyond maxReaders disconnects the reader that paused for longest", async () => {
  const registry = largeRegistry(10);
  const handler = metricsHandler(registry, { maxReaders: 2 });
  const readers = [];
  for (let i = 0; i < 2; i++) {
    const { body } = await handler(get());
    readers.push(body!.getReader());
  }
  await readers[1]!.read();
  await readers[0]!.read(); // so the second one has paused for longer
  const third = await handler(get());
  assert.equal(third.status, 200);
  await assert.rejects(readers[1]!.read(), {
    name: "TimeoutError",
    message: "scrape: the reader paused, and others came",
  });
  assert.equal((await readers[0]!.read()).done, false);
  assert.ok((await third.text()).length > 0);
  assert.deepEqual(outcomes(registry), { served: 1, abandoned: 1 });
  await readers[0]!.cancel();
});

test("scrapes that wait for the same sources share one body", async () => {
  const registry = createRegistry();
  const gate = Promise.withResolvers<void>();
  registry.callbackGauge({ name: "slow", help, refresh: () => gate.promise });
  const handler = metricsHandler(registry, { maxInFlight: 1 });
  const scrapes = Array.from({ length: 50 }, () => handler(get()));
  const other = handler(get({ "accept-encoding": "gzip" }));
  gate.resolve();
  for (const { status } of await Promise.all([...scrapes, other])) {
    assert.equal(status, 200);
  }
  assert.deepEqual(outcomes(registry), { served: 2, abandoned: undefined });
});

test("a scrape whose reader stops is abandoned", async () => {
  const registry = largeRegistry(10);
  const timers = new FakeTimers();
  const { clock } = timers; // it stands still, so that no scrape yields
  const handler = metricsHandler(registry, { timeout: 2, timers, clock });
  const stuck = await handler(get());
  const reader = stuck.body!.getReader();
  await reader.read();
  await settled();
  timers.advance(2);
  await assert.rejects(reader.closed, /the reader paused for more than 2 s/);
  assert.deepEqual(outcomes(registry), { served: undefined, abandoned: 1 });
});

test("a scrape reports its cost to the registry", async () => {
  const registry = createRegistry();
  registry.gauge({ name: "x", help }).set(1);
  let now = 0;
  // Each reading is one second later than the previous one.
  const clock = { unix: () => 0, mono: () => now++ };
  const handler = metricsHandler(registry, { clock });
  const size = Number(
    (await handler(get())).headers.get("content-length"),
  );
  const body = await (await handler(get())).text();
  assert.match(body, /^barograph_scrapes_total\{outcome="served"\} 1$/m);
  assert.match(body, /^barograph_scrape_duration_seconds_sum [1-9]\d*$/m);
  assert.match(body, /^barograph_scrape_blocked_seconds 1$/m);
  const sum = new RegExp(`^barograph_scrape_size_bytes_sum ${size}$`, "m");
  assert.match(body, sum);
});

test("an observer that throws on a report does not affect the scrape", async () => {
  const observer = {
    scraped() {
      throw new Error("broken");
    },
  };
  const source = { ...gaugeSource("x", () => 1), [OBSERVER]: observer };
  const response = await metricsHandler(source, { observer })(get());
  assert.equal(await response.text(), "# HELP x Help.\n# TYPE x gauge\nx 1\n");
});

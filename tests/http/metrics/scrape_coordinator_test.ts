import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock, systemTimers } from "../../../src/base/mod.ts";
import { openMetrics, prometheusText } from "../../../src/encode/mod.ts";
import { metricsHandler } from "../../../src/http/mod.ts";
import {
  type Scrape,
  ScrapeCoordinator,
} from "../../../src/http/metrics/scrape_coordinator.ts";
import type { ScrapeRequest } from "../../../src/http/metrics/scrape_request.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import type { Source } from "../../../src/model/mod.ts";
import { type ObservedSource, OBSERVER } from "../../../src/model/internal.ts";
import { parseExposition, valueOf } from "../../../src/testing/mod.ts";
import {
  brokenSource,
  composed,
  gaugeSource,
  get,
  gunzip,
  help,
  OPEN,
  registryOf,
  settled,
} from "../fixtures.ts";

/** A request for the text format with gzip. */
const REQUEST: ScrapeRequest = {
  format: prometheusText,
  coding: "gzip",
  names: undefined,
  seconds: 8,
};

function coordinatorOf(source: Source): ScrapeCoordinator {
  return new ScrapeCoordinator(source, {
    timeout: 8,
    maxInFlight: 10,
    maxReaders: 10,
    keep: 1e6,
    clock: systemClock,
    timers: systemTimers,
    observer: undefined,
  });
}

async function textOf(scrape: Scrape): Promise<string> {
  assert.ok(scrape.state === "whole");
  if (scrape.coding !== undefined) return await gunzip(scrape.body);
  return new TextDecoder().decode(scrape.body);
}

/** A registry whose gauge counts its refreshes, which wait for a gate. */
function gated() {
  const registry = createRegistry({ selfMetrics: false });
  const gate = { ...Promise.withResolvers<void>(), refreshes: 0 };
  registry.callbackGauge({
    name: "slow",
    help,
    refresh: async (report) => {
      gate.refreshes++;
      await gate.promise;
      report(gate.refreshes);
    },
  });
  return { registry, gate };
}

test("overlapping scrapes share one refresh, whatever their format and coding", async () => {
  const { registry, gate } = gated();
  const handler = metricsHandler(registry);
  const scrapes = [
    get(),
    get({ accept: OPEN }),
    get({ "accept-encoding": "gzip" }),
    get(),
  ].map(handler);
  gate.resolve();
  const bodies = await Promise.all(
    (await Promise.all(scrapes)).map((response) => response.text()),
  );
  assert.equal(gate.refreshes, 1);
  assert.equal(bodies[0], bodies[3]);
  assert.match(bodies[1]!, /slow 1\n[^]*# EOF\n$/);
  assert.match(await (await handler(get())).text(), /slow 2\n/);
});

test("a scrape that begins before another one is compressed gets the same bytes", async () => {
  let collected = 0;
  const registry = registryOf(200);
  const second = Promise.withResolvers<Scrape>();
  registry.add(gaugeSource("times", () => {
    // The first scrape is in progress and not compressed yet.
    if (++collected === 1) second.resolve(coordinator.scrape(REQUEST));
    return collected;
  }));
  const coordinator = coordinatorOf(registry);
  const first = await coordinator.scrape(REQUEST);
  assert.ok(first.state === "whole" && first.coding === "gzip");
  assert.match(await gunzip(first.body), /^times 1$/m);
  assert.equal(await second.promise, first);
  assert.equal(collected, 1);
});

test("a scrape that begins after another one has ended collects again", async () => {
  let collected = 0;
  const coordinator = coordinatorOf(gaugeSource("times", () => ++collected));
  await coordinator.scrape(REQUEST);
  await coordinator.scrape(REQUEST);
  assert.equal(collected, 2);
});

test("scrapes with another format, coding or selection share nothing", async () => {
  const coordinator = coordinatorOf(registryOf(200));
  const plain = { ...REQUEST, coding: undefined };
  const scrapes = await Promise.all([
    coordinator.scrape(plain),
    coordinator.scrape(REQUEST),
    coordinator.scrape({ ...plain, format: openMetrics }),
    coordinator.scrape({ ...plain, names: ["none"] }),
  ]);
  const [text, squeezed, open, none] = scrapes.map((scrape) => {
    assert.ok(scrape.state === "whole");
    return scrape.body;
  });
  const decoder = new TextDecoder();
  assert.equal(await gunzip(squeezed!), decoder.decode(text));
  assert.match(decoder.decode(open), /# EOF\n$/);
  assert.doesNotMatch(decoder.decode(text), /# EOF/);
  assert.equal(none!.length, 0);
});

test("a scrape with an earlier deadline does not wait for one with a later deadline", async () => {
  const { registry, gate } = gated();
  registry.gauge({ name: "good", help }).set(1);
  const coordinator = coordinatorOf(registry);
  const patient = coordinator.scrape(REQUEST);
  const hurried = await coordinator.scrape({ ...REQUEST, seconds: 0.001 });
  assert.ok(hurried.state === "whole");
  assert.doesNotMatch(await textOf(hurried), /^slow /m);
  assert.equal(gate.refreshes, 1, "both wait for one refresh");
  gate.resolve();
  const waited = await patient;
  assert.match(await textOf(waited), /^slow 1$/m);
});

test("scrapes share refreshes in progress, and no body of an older refresh", async () => {
  const gates: PromiseWithResolvers<void>[][] = [[], []];
  let collected = 0;
  const parts = gates.map((opened, i): Source => ({
    ...gaugeSource(`part_${i}`, () => ++collected),
    refresh() {
      const gate = Promise.withResolvers<void>();
      opened.push(gate);
      return gate.promise;
    },
  }));
  const coordinator = coordinatorOf(composed(...parts));
  const older = coordinator.scrape(REQUEST);
  await settled();
  gates[0]![0]!.resolve();
  await settled();
  const newer = coordinator.scrape(REQUEST); // refreshes part 0 again
  await settled();
  gates[1]![0]!.resolve();
  await older;
  assert.equal(collected, 2);
  gates[0]![1]!.resolve();
  await newer;
  assert.equal(collected, 4);
  assert.deepEqual(gates.map(({ length }) => length), [2, 1]);
});

test("a source that is late is left out and counted, and the rest is served", async () => {
  const registry = createRegistry();
  registry.counter({ name: "x_total", help, labels: ["a"] }).at(0);
  const aborted = Promise.withResolvers<unknown>();
  registry.callbackGauge({
    name: "slow",
    help,
    refresh: (report, signal) =>
      new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => {
          report(7); // too late, must be ignored
          aborted.resolve(signal.reason);
          resolve();
        });
      }),
  });
  const handler = metricsHandler(registry, { timeout: 0.001 });
  const body = await (await handler(get())).text();
  assert.match(body, /x_total\{a="0"\} 0\n/);
  assert.doesNotMatch(body, /slow \d/);
  assert.match(String(await aborted.promise), /not ready within 0.001 s/);
  const name = "barograph_source_failures_total";
  assert.equal(valueOf(registry, name, { source: "slow" }), 1);
  assert.match(body, /source_failures_total\{source="slow"\} 1\n/);
  assert.match(body, /^barograph_source_missing\{source="slow"\} 1$/m);
});

test("a scraper that announces a shorter timeout is answered in time", async () => {
  const registry = registryOf();
  registry.callbackGauge({
    name: "slow",
    help,
    refresh: () => new Promise<void>(() => {}), // never
  });
  const name = "x-prometheus-scrape-timeout-seconds";
  // Without the header the scrape would wait for an hour.
  const handler = metricsHandler(registry, { timeout: 3600 });
  const body = await (await handler(get({ [name]: "0.01" }))).text();
  assert.match(body, /^x_total\{a="0"\} 0$/m);
  assert.match(body, /^barograph_source_missing\{source="slow"\} 1$/m);
});

test("a source that was late is refreshed again by the next scrape", async () => {
  const registry = createRegistry();
  let refreshes = 0;
  registry.callbackGauge({
    name: "slow",
    help,
    refresh: async (report) => {
      if (refreshes++ === 0) await new Promise(() => {}); // never
      report(refreshes);
    },
  });
  const handler = metricsHandler(registry, { timeout: 0.001 });
  assert.doesNotMatch(await (await handler(get())).text(), /^slow \d/m);
  const patient = metricsHandler(registry);
  assert.match(await (await patient(get())).text(), /^slow 2$/m);
});

test("sources that throw, report NaN or reject do not affect the others", async () => {
  const registry = registryOf();
  registry.add(brokenSource("throws"));
  registry.callbackCounter({
    name: "nan_total",
    help,
    read: (report) => report(NaN),
  });
  registry.callbackGauge({
    name: "rejects",
    help,
    refresh: () => Promise.reject(new Error("broken")),
  });
  registry.gauge({ name: "after", help }).set(1);
  const failures: string[] = [];
  const handler = metricsHandler(registry, {
    observer: {
      failed(part) {
        failures.push(part.descs[0]!.name);
        throw new Error("an observer that throws does not affect the scrape");
      },
    },
  });
  for (const accept of ["text/plain", OPEN]) {
    const response = await handler(get({ accept }));
    assert.equal(response.status, 200);
    const dialect = accept === OPEN ? "openmetrics-1.0.0" : "text-0.0.4";
    const families = parseExposition(await response.text(), dialect);
    const names = families.map(({ name }) => name);
    assert.ok(names.includes("after"));
    assert.ok(!names.some((name) => /throws|rejects|nan/.test(name)));
  }
  assert.deepEqual(failures, ["rejects", "throws", "rejects", "throws"]);
});

test("a source without an observer is served without its failed parts", async () => {
  const source = composed(brokenSource("bad"), gaugeSource("good", () => 1));
  const response = await metricsHandler(source)(get());
  assert.equal(response.status, 200);
  const families = parseExposition(await response.text(), "text-0.0.4");
  const names = families.map(({ name }) => name);
  assert.deepEqual(names, ["good", "barograph_source_missing"]);
});

test("a source is answered by 500 without a reason if every part fails", async () => {
  const refused: Source = {
    ...gaugeSource("late", () => 1),
    refresh: () => Promise.reject(new Error("secret")),
  };
  const silent: Source = {
    descs: [],
    get parts(): never {
      throw new Error("secret");
    },
    collect() {},
  };
  const sources = [
    brokenSource("bad"),
    composed(brokenSource("bad"), brokenSource("worse")),
    composed(brokenSource("bad"), refused),
    refused,
    silent,
  ];
  for (const source of sources) {
    const failures: unknown[] = [];
    const failed = (_: Source, error: unknown) => void failures.push(error);
    for (const options of [{}, { observer: { failed } }]) {
      const response = await metricsHandler(source, options)(get());
      assert.equal(response.status, 500);
      assert.equal(await response.text(), "nothing could be collected\n");
    }
    assert.ok(failures.length > 0);
    for (const error of failures) assert.match(String(error), /secret/);
  }
});

test("a source without parts is answered by an empty 200", async () => {
  const registry = createRegistry({ selfMetrics: false });
  const response = await metricsHandler(registry)(get());
  assert.equal(response.status, 200);
  assert.equal(await response.text(), "");
});

test("an observer of the source that throws does not affect the scrape", async () => {
  const failed = () => {
    throw new Error("secret");
  };
  const rejects = { refresh: () => Promise.reject(new Error("broken")) };
  const good = gaugeSource("good", () => 1);
  const parts = [brokenSource("bad"), { ...brokenSource("worse"), ...rejects }];
  const whole = { ...composed(...parts, good), [OBSERVER]: { failed } };
  const response = await metricsHandler(whole)(get());
  assert.equal(response.status, 200);
  assert.match(await response.text(), /^good 1$/m);
});

test("a failure is reported once to the observer of the source, then to the option", async () => {
  const failures: string[] = [];
  const bad = brokenSource("bad");
  const whole: ObservedSource = {
    ...composed(bad, gaugeSource("good", () => 1)),
    [OBSERVER]: {
      failed: (part) => void failures.push(part === bad ? "source" : "?"),
    },
  };
  const failed = (part: Source) =>
    void failures.push(part === bad ? "option" : "?");
  await metricsHandler(whole, { observer: { failed } })(get());
  assert.deepEqual(failures, ["source", "option"]);
});

test("a failed refresh is reported once for each exposition that lacks the part", async () => {
  const gate = Promise.withResolvers<void>();
  const failures: unknown[] = [];
  const late: Source = { ...gaugeSource("late", () => 1) };
  late.refresh = () => gate.promise;
  const handler = metricsHandler(composed(late, gaugeSource("good", () => 1)), {
    observer: { failed: (part) => void failures.push(part) },
  });
  const scrapes = [get(), get({ accept: OPEN }), get()].map(handler);
  gate.reject(new Error("broken"));
  for (const response of await Promise.all(scrapes)) {
    assert.equal(response.status, 200);
    const body = await response.text();
    assert.match(body, /^good 1(\.0)?$/m);
    assert.doesNotMatch(body, /^late/m);
    assert.match(body, /^barograph_source_missing\{source="late"\} 1$/m);
  }
  assert.deepEqual(
    failures,
    [late, late],
    "two of the three scrapes share one exposition",
  );
});

/**
 * A scraper with a short timeout took series from Prometheus, which shared its
 * body, and healthy sources were counted as failed, up to a 500. Ten selections
 * that waited for a slow source kept Prometheus out. Nor may an impatient scraper
 * decide how long a shared body waits for its turn.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { metricsHandler } from "../../src/http/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { FakeTimers, valueOf } from "../../src/testing/mod.ts";
import { get, help, settled } from "../http/fixtures.ts";
import * as fc from "../support/property.ts";

const SECONDS = 2;

/** A registry with a gauge that is ready after two seconds of `timers`. */
function setUp(timeout = 8) {
  const timers = new FakeTimers();
  const registry = createRegistry();
  let refreshes = 0;
  registry.callbackGauge({
    name: "rows",
    help,
    refresh: async (report) => {
      refreshes++;
      await new Promise<void>((resolve) => void timers.after(SECONDS, resolve));
      report(42);
    },
  });
  const { clock } = timers;
  const handler = metricsHandler(registry, { timers, clock, timeout });
  const scrape = async (wait: number, query = "") => {
    const { headers } = get({
      "x-prometheus-scrape-timeout-seconds": String(wait),
    });
    const url = `http://localhost/metrics${query}`;
    const response = await handler(new Request(url, { headers }));
    return { status: response.status, text: await response.text() };
  };
  const run = async (seconds: number) => {
    for (let now = 0; now < seconds; now += 0.25) {
      await settled();
      timers.advance(0.25);
    }
    await settled();
  };
  const failures = () =>
    valueOf(registry, "barograph_source_failures_total", { source: "rows" }) ??
      0;
  return { scrape, run, failures, refreshes: () => refreshes };
}

test("a patient scraper gets what an impatient one at the same moment lacks", async () => {
  const { scrape, run, failures, refreshes } = setUp();
  const hurried = scrape(1);
  const patient = scrape(10);
  await run(3);
  const { status, text } = await hurried;
  assert.equal(status, 200);
  assert.doesNotMatch(text, /^rows/m);
  assert.match(text, /^barograph_source_missing\{source="rows"\} 1$/m);
  assert.match((await patient).text, /^rows 42$/m);
  assert.equal(failures(), 0, "the source is healthy");
  assert.equal(refreshes(), 1, "both waited for the same refresh");
});

test("a part that only a client found late makes no 500 and no failure", async () => {
  const { scrape, run, failures } = setUp();
  const only = scrape(0.2, "?name[]=rows");
  await run(1);
  const { status, text } = await only;
  assert.equal(status, 200);
  assert.doesNotMatch(text, /^rows/m);
  assert.equal(failures(), 0);
});

test("a part that is late for the timeout of the handler is a failure", async () => {
  const { scrape, run, failures } = setUp(1);
  const scrapes = [scrape(10), scrape(10, "?name[]=rows")];
  await run(2);
  const [whole, only] = await Promise.all(scrapes);
  assert.equal(whole!.status, 200);
  assert.equal(only!.status, 500);
  assert.equal(failures(), 2);
});

test("selections that wait for a slow source keep no scraper out", async () => {
  const { scrape, run } = setUp();
  const strangers = Array.from(
    { length: 200 },
    (_, i) => scrape(10, `?name[]=rows&name[]=${i}`),
  );
  const prometheus = scrape(10);
  await run(3);
  for (
    const { status, text } of await Promise.all([...strangers, prometheus])
  ) {
    assert.equal(status, 200);
    assert.match(text, /^rows 42$/m);
  }
});

test("a patient scraper does not give up its turn with an impatient one", async () => {
  const timers = new FakeTimers();
  const { clock } = timers;
  const registry = createRegistry();
  registry.callbackGauge({
    name: "quick",
    help,
    read: (report) => report(1),
  });
  registry.callbackGauge({
    name: "slow",
    help,
    read: (report) => {
      timers.advance(SECONDS); // of the only turn
      report(1);
    },
  });
  const handler = metricsHandler(registry, { timers, clock, maxInFlight: 1 });
  const scrape = async (wait: number, name: string) => {
    const { headers } = get({
      "x-prometheus-scrape-timeout-seconds": String(wait),
    });
    const url = `http://localhost/metrics?name[]=${name}`;
    return (await handler(new Request(url, { headers }))).status;
  };
  const statuses = [
    scrape(10, "slow"),
    scrape(1, "quick"),
    scrape(10, "quick"), // shares the body of the one before
    scrape(1, "slow"),
    scrape(1, "other"),
  ];
  await settled();
  assert.deepEqual(await Promise.all(statuses), [200, 200, 200, 200, 503]);
});

test("law: a scraper that waits for longer than the source takes gets it, whoever else scrapes", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          at: fc.nat(12),
          wait: fc.constantFrom(0.5, 1, 1.5, 2, 5, 10),
          query: fc.constantFrom("", "?name[]=rows"),
        }),
        { minLength: 1, maxLength: 15 },
      ),
      async (scrapers) => {
        const { scrape, run, failures } = setUp();
        const answers = [];
        for (let now = 0; now <= 12; now++) {
          for (const { at, wait, query } of scrapers) {
            if (at !== now) continue;
            answers.push({ wait, answer: scrape(wait, query) });
          }
          await run(0.25);
        }
        await run(10);
        for (const { wait, answer } of answers) {
          const { status, text } = await answer;
          assert.equal(status, 200);
          if (wait >= 5) assert.match(text, /^rows 42$/m);
        }
        assert.equal(failures(), 0);
      },
    ),
    { numRuns: 30 },
  );
});

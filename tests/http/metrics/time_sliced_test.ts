import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../../../src/base/mod.ts";
import {
  expose,
  openMetrics,
  prometheusText,
} from "../../../src/encode/mod.ts";
import { metricsHandler } from "../../../src/http/mod.ts";
import { createRegistry, type Registry } from "../../../src/metrics/mod.ts";
import type {
  ScrapeObserver,
  ScrapeReport,
  Source,
} from "../../../src/model/mod.ts";
import { trustSource } from "../../../src/model/internal.ts";
import { parseExposition, valueOf } from "../../../src/testing/mod.ts";
import { rounds } from "../../support/rounds.ts";
import { bytesOf, get, gunzip, help, noise, OPEN } from "../fixtures.ts";

const SERIES = rounds(40_000, 15_000);

/** For tests that parse megabytes. */
const SLOW = { timeout: 120_000 };

/** The minimum number of batches of a large family. */
const BATCHES = 9;

/** Seconds for which a scrape may hold the event loop, plus one batch. */
const SLICE = 0.0005;

/** A registry of one large family and the self-metrics. */
function largeRegistry(series = SERIES) {
  const registry = createRegistry();
  const gauge = registry.gauge({
    name: "large",
    help,
    labels: ["number"],
    maxSeries: 1e6,
  });
  for (let i = 0; i < series; i++) gauge.at(i).set(i);
  return { registry, gauge };
}

/** A clock that advances by `step` seconds at each reading of `mono`. */
function steppedClock(step: number): Clock {
  let now = 0;
  return { unix: () => 0, mono: () => now += step };
}

/** Counts the turns of the event loop until `work` has ended. */
async function turnsOf<T>(
  work: () => Promise<T>,
): Promise<{ readonly turns: number; readonly value: T }> {
  let turns = 0;
  let isOver = false;
  const turn = () => {
    if (isOver) return;
    turns++;
    setImmediate(turn);
  };
  setImmediate(turn);
  const value = await work();
  isOver = true;
  return { turns, value };
}

function blockedOf(registry: Registry): number | undefined {
  return valueOf(registry, "barograph_scrape_blocked_seconds");
}

/** The parts of a registry as another source, with an observer. */
function observed(registry: Registry) {
  const reports: ScrapeReport[] = [];
  const source: Source = {
    descs: registry.descs,
    get parts() {
      return [...registry.parts];
    },
    collect() {},
  };
  const observer: ScrapeObserver = {
    scraped: (report) => void reports.push(report),
  };
  return { source, observer, reports };
}

test(
  "a scrape of a large registry yields to the event loop",
  SLOW,
  async () => {
    const { registry, gauge } = largeRegistry();
    for (const headers of [{}, { "accept-encoding": "gzip" }]) {
      for (const keep of [2 ** 28, 0]) {
        const clock = steppedClock(0.001);
        const handler = metricsHandler(registry, { clock, keep });
        for (const again of [false, true]) {
          if (again) gauge.at(7).set(1e6);
          const { turns, value } = await turnsOf(async () => {
            const response = await handler(get(headers));
            return await bytesOf(response);
          });
          assert.ok(value.length > 0);
          const min = Math.floor(BATCHES / 5);
          assert.ok(turns >= min, `${turns} turns, keep ${keep}, ${again}`);
          // One batch of a millisecond, then it yields.
          const blocked = blockedOf(registry)!;
          assert.ok(blocked >= SLICE, `${blocked} s`);
          assert.ok(blocked < SLICE + 0.0021, `${blocked} s`);
        }
      }
    }
  },
);

test("a scrape that takes no time does not yield", SLOW, async () => {
  const { registry } = largeRegistry();
  const clock = { unix: () => 0, mono: () => 0 };
  const options = { clock, compress: false };
  const handler = metricsHandler(registry, options);
  const slow = metricsHandler(registry, {
    ...options,
    clock: steppedClock(0.005),
  });
  const read = async (metrics: typeof handler) => {
    const { turns } = await turnsOf(async () => {
      const { body } = await metrics(get());
      for await (const chunk of body!) assert.ok(chunk.length > 0);
    });
    return turns;
  };
  await read(handler);
  const quick = await read(handler);
  assert.equal(blockedOf(registry), 0);
  const yielding = await read(slow);
  assert.ok(
    quick <= 2 && yielding > quick + 5,
    `${quick} and ${yielding} turns`,
  );
});

test(
  "a scrape holds the event loop at most one batch longer than the slice",
  SLOW,
  async () => {
    for (const step of [0.00006, 0.0002, 0.0004, 2]) {
      const { registry } = largeRegistry();
      const clock = steppedClock(step); // of no other scrape
      const handler = metricsHandler(registry, { clock, prepare: false });
      await bytesOf(await handler(get()));
      const batches = Math.ceil(SLICE / step); // the number that fills a slice
      const blocked = blockedOf(registry)!;
      assert.ok(Math.abs(blocked - batches * step) < step / 2, `${blocked} s`);
    }
  },
);

test(
  "scrapes in several formats may overlap while series change",
  SLOW,
  async () => {
    const { registry, gauge } = largeRegistry();
    const clock = steppedClock(0.001);
    const handler = metricsHandler(registry, { clock });
    const formats = [
      get(),
      get({ accept: OPEN }),
      get(),
      get({ accept: OPEN }),
    ];
    for (let round = 0; round < 2; round++) {
      let isOver = false;
      let changes = 0;
      const change = () => {
        if (isOver) return;
        gauge.at(changes * 7919 % SERIES).set(changes++);
        setImmediate(change);
      };
      setImmediate(change);
      const bodies = await Promise.all(formats.map(async (request) => {
        const response = await handler(request.clone());
        return await bytesOf(response);
      }));
      isOver = true;
      assert.ok(changes > 0);
      bodies.forEach((body, i) => {
        const dialect = i % 2 === 0 ? "text-0.0.4" : "openmetrics-1.0.0";
        const family = parseExposition(body, dialect)
          .find(({ name }) => name === "large");
        assert.equal(family?.samples.length, SERIES);
      });
    }
  },
);

test(
  "a scrape in slices has the bytes of expose()",
  SLOW,
  async () => {
    const { registry, gauge } = largeRegistry();
    const { source } = observed(registry);
    const clock = steppedClock(0.002);
    for (const keep of [2 ** 28, 0]) {
      const handler = metricsHandler(source, { clock, keep });
      for (let i = 0; i < 3; i++) {
        gauge.at(i * 1000).set(-0.5 * i);
        for (const format of [prometheusText, openMetrics]) {
          const accept = format === openMetrics ? OPEN : "text/plain";
          const gzip = { accept, "accept-encoding": "gzip" };
          const plain = await (await handler(get({ accept }))).text();
          const squeezed = await gunzip(
            await bytesOf(await handler(get(gzip))),
          );
          const expected = new TextDecoder().decode(expose(registry, format));
          assert.ok(plain === expected, "plain");
          assert.ok(squeezed === expected, "gzip");
        }
      }
    }
  },
);

test(
  "a reader that leaves while the scrape yields is reported once",
  SLOW,
  async () => {
    const { registry, gauge } = largeRegistry(0);
    for (let i = 0; i < SERIES; i++) gauge.at(noise(i)).set(i);
    const { source, observer, reports } = observed(registry);
    // It yields after each batch; the reader leaves during one of the turns.
    const clock = steppedClock(0.01);
    const handler = metricsHandler(source, { clock, maxInFlight: 1, observer });
    for (const headers of [{}, { "accept-encoding": "gzip" }]) {
      for (let turns = 0; turns < 4; turns++) {
        const response = await handler(get(headers));
        assert.equal(
          response.status,
          200,
          "the previous scrape is no longer in flight",
        );
        const reader = response.body!.getReader();
        const read = reader.read();
        for (let i = 0; i < turns; i++) {
          await new Promise<void>((resolve) => setImmediate(resolve));
        }
        await reader.cancel();
        await read;
        // Lets everything that is still in progress end.
        const { turns: rest } = await turnsOf(async () => {
          for (let i = 0; i < 20; i++) {
            await new Promise<void>((resolve) => setImmediate(resolve));
          }
        });
        assert.ok(rest > 0);
        const outcomes = reports.splice(0).map(({ outcome }) => outcome);
        assert.deepEqual(outcomes, ["abandoned"]);
      }
    }
    const last = await handler(get());
    const families = parseExposition(await last.text(), "text-0.0.4");
    assert.equal(families[0]?.samples.length, SERIES);
    assert.deepEqual(reports.map(({ outcome }) => outcome), ["served"]);
  },
);

test(
  "a large source that throws in a late slice is left out and reported",
  SLOW,
  async () => {
    const { registry } = largeRegistry();
    const { source, observer, reports } = observed(registry);
    let isBroken = true;
    const [large] = [...registry.parts];
    const rows = large!.rows!;
    const broken: Source = trustSource({
      descs: large!.descs,
      rows: new Proxy(rows, {
        get(target, key) {
          const value = Reflect.get(target, key, target) as unknown;
          if (typeof value !== "function") return value;
          if (key !== "emit") return value.bind(target);
          return (...args: Parameters<typeof rows.emit>) => {
            if (isBroken && args[1] > SERIES * 0.75) throw new Error("broken");
            target.emit(...args);
          };
        },
      }),
      collect: (sink) => large!.collect(sink),
    });
    const failing: Source = {
      ...source,
      parts: [broken],
    };
    const handler = metricsHandler(failing, {
      keep: 0,
      maxInFlight: 1,
      observer: {
        ...observer,
        failed: (part) => assert.equal(part, broken),
      },
    });
    const response = await handler(get());
    assert.equal(response.status, 500, "it is the only part");
    assert.deepEqual(reports.map(({ outcome }) => outcome), ["failed"]);
    isBroken = false;
    const next = await handler(get());
    assert.equal(next.status, 200);
    const [family] = parseExposition(await bytesOf(next), "text-0.0.4");
    assert.equal(family?.samples.length, SERIES);
  },
);

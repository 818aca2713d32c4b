/**
 * A registry that grows and shrinks across the size from which on bodies are
 * streams, while earlier bodies are still being read.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import {
  expose,
  type Format,
  openMetrics,
  prometheusText1,
} from "../../../src/encode/mod.ts";
import { ScrapeCoordinator } from "../../../src/http/metrics/scrape_coordinator.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import {
  type Dialect,
  FakeTimers,
  parseExposition,
} from "../../../src/testing/mod.ts";
import * as fc from "../../support/property.ts";
import { help } from "../fixtures.ts";

/** Some 1600 series make 256 KiB. */
const FILL = "x".repeat(120);
const MAX_SERIES = 4000;

const FORMATS: readonly (readonly [Format, Dialect])[] = [
  [openMetrics, "openmetrics-1.0.0"],
  [prometheusText1.escapedBy("allow-utf-8"), "text-1.0.0"],
];

type Step =
  | { readonly do: "grow" | "shrink" | "change"; readonly series: number }
  | {
    readonly do: "scrape";
    readonly format: number;
    readonly coding: "gzip" | undefined;
    /** Chunks that are read before the next step; the rest at the end. */
    readonly chunks: number;
  };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constantFrom("grow", "shrink", "change"),
    series: fc.constantFrom(1, 20, 400, 1500, 4000),
  }),
  fc.record({
    do: fc.constant("scrape" as const),
    format: fc.nat({ max: 1 }),
    coding: fc.constantFrom("gzip" as const, undefined),
    chunks: fc.nat({ max: 3 }),
  }),
);

/** A body that is read little by little. */
interface Open {
  readonly format: Format;
  readonly dialect: Dialect;
  readonly coding: string | undefined;
  readonly reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly chunks: Uint8Array[];
  /** The body if nothing changes while it is read. */
  readonly expected: Uint8Array;
  /** How many changes were made when it was begun; undefined if it was whole. */
  readonly changes: number | undefined;
}

class World {
  readonly #registry = createRegistry({
    selfMetrics: false,
    names: "utf-8",
  });
  readonly #gauge = this.#registry.gauge({
    name: "size",
    help,
    labels: ["n"],
    maxSeries: 1e6,
  });
  readonly #events = this.#registry.counter({
    name: "ünïcode.events_total",
    help,
    labels: ["n"],
  });
  readonly #coordinator: ScrapeCoordinator;
  readonly #open: Open[] = [];
  #size = 0;
  #changes = 0;
  /** Whether a body was whole, and whether one was a stream. */
  readonly seen = new Set<string>();

  constructor() {
    const timers = new FakeTimers();
    this.#coordinator = new ScrapeCoordinator(this.#registry, {
      timeout: 8,
      maxInFlight: 100,
      maxReaders: 100,
      keep: 1e9,
      clock: timers.clock,
      timers,
      observer: undefined,
    });
  }

  async take(step: Step): Promise<void> {
    if (step.do === "scrape") return await this.#scrape(step);
    this.#changes++;
    if (step.do === "grow") {
      const to = Math.min(MAX_SERIES, this.#size + step.series);
      while (this.#size < to) this.#gauge.at(FILL + this.#size++).set(1);
    } else if (step.do === "shrink") {
      const to = Math.max(0, this.#size - step.series);
      while (this.#size > to) this.#gauge.remove({ n: FILL + --this.#size });
    } else {
      for (let i = 0; i < Math.min(step.series, this.#size); i++) {
        this.#gauge.at(FILL + i).inc(i);
      }
      this.#events.at("ü").inc(1, { trace_id: "4bf92f35" });
    }
  }

  async #scrape(
    { format: at, coding, chunks }: Extract<Step, { do: "scrape" }>,
  ): Promise<void> {
    const [format, dialect] = FORMATS[at]!;
    const expected = expose(this.#registry, format);
    const scrape = await this.#coordinator.scrape({
      format,
      coding,
      names: undefined,
      seconds: 8,
    });
    assert.ok(scrape.state === "whole" || scrape.state === "stream");
    // Compressed bodies are smaller than that when they are sent.
    if (scrape.coding === undefined) {
      assert.equal(scrape.state === "stream", expected.length >= 2 ** 18);
    }
    this.seen.add(scrape.state);
    const body = new Response(scrape.body).body!;
    const open: Open = {
      format,
      dialect,
      coding: scrape.coding,
      reader: body.getReader(),
      chunks: [],
      expected,
      changes: scrape.state === "whole" ? undefined : this.#changes,
    };
    this.#open.push(open);
    for (let i = 0; i < chunks; i++) await readOne(open);
  }

  /** Reads all bodies to their ends and checks them. */
  async finish(): Promise<void> {
    for (const open of this.#open) {
      while (await readOne(open));
      const bytes = Buffer.concat(open.chunks);
      const body = open.coding === "gzip" ? gunzipSync(bytes) : bytes;
      const { format, dialect, expected } = open;
      if (open.changes === undefined || open.changes === this.#changes) {
        assert.equal(Buffer.compare(body, expected), 0, "other bytes");
        continue;
      }
      // Families were read at different moments, but each series only once.
      for (
        const { samples } of parseExposition(new Uint8Array(body), dialect, {
          escaped: format.escaping !== "allow-utf-8",
        })
      ) {
        const series = samples.map(({ labels }) => labels.get("n"));
        assert.equal(new Set(series).size, series.length);
      }
    }
  }
}

/** Reads a chunk; returns false at the end. */
async function readOne({ reader, chunks }: Open): Promise<boolean> {
  const { value, done } = await reader.read();
  if (value !== undefined) chunks.push(value);
  return !done;
}

test(
  "law: bodies are right while a registry crosses the size of streams, both ways",
  { timeout: 600_000 },
  async () => {
    const seen = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyStep, { minLength: 2, maxLength: 20, size: "max" }),
        async (steps) => {
          const world = new World();
          for (const step of steps) await world.take(step);
          await world.finish();
          for (const state of world.seen) seen.add(state);
        },
      ),
      { numRuns: 100 },
    );
    assert.deepEqual([...seen].sort(), ["stream", "whole"]);
  },
);

/**
 * Ten clients that asked for a large exposition and read nothing kept every
 * scraper out, because a body counted as a scrape in progress until its end.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { BodyReaders } from "../../src/http/metrics/body_readers.ts";
import { responseStream } from "../../src/http/metrics/response_stream.ts";
import { metricsHandler } from "../../src/http/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { FakeTimers } from "../../src/testing/mod.ts";
import { get, settled } from "../http/fixtures.ts";
import * as fc from "../support/property.ts";

test("clients that read nothing keep nobody out", async () => {
  const registry = createRegistry();
  const counter = registry.counter({
    name: "large_total",
    help: "L.",
    labels: ["n"],
    maxSeries: 20_000,
  });
  for (let i = 0; i < 20_000; i++) counter.at(`series-${i}`).inc();
  const handler = metricsHandler(registry);
  const idle = [];
  for (let i = 0; i < 30; i++) {
    const response = await handler(get());
    assert.equal(response.status, 200, `after ${i}`);
    idle.push(response);
  }
  const scrape = await handler(get());
  assert.ok((await scrape.text()).includes('{n="series-19999"} 1\n'));
  await assert.rejects(idle[0]!.text(), { name: "TimeoutError" });
  for (const { body } of idle.slice(1)) await body!.cancel().catch(() => {});
});

/** What a client does next; `chunks` is the number of chunks that it has left. */
type Step =
  | { readonly kind: "open"; readonly chunks: number }
  | { readonly kind: "read" | "cancel"; readonly which: number }
  | { readonly kind: "wait"; readonly seconds: number };

const TIMEOUT = 8;

const step = fc.oneof(
  fc.record({
    kind: fc.constant("open" as const),
    chunks: fc.integer({ min: 0, max: 3 }),
  }),
  fc.record({
    kind: fc.constantFrom("read" as const, "cancel" as const),
    which: fc.nat(9),
  }),
  fc.record({
    kind: fc.constant("wait" as const),
    seconds: fc.integer({ min: 1, max: 5 }),
  }),
);

test("law: at most maxReaders bodies are open, and the one that paused for longest makes room", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(step as fc.Arbitrary<Step>, { maxLength: 40 }),
    fc.integer({ min: 1, max: 4 }),
    async (steps, max) => {
      const timers = new FakeTimers();
      const readers = new BodyReaders(max);
      interface Client {
        readonly reader: ReadableStreamDefaultReader<Uint8Array>;
        left: number;
        /** When it last read, by time and by order. */
        since: number;
        order: number;
        outcome: string | undefined;
        expected: string | undefined;
      }
      const clients: Client[] = [];
      let order = 0;
      const open = () => clients.filter(({ expected }) => !expected);
      for (const step of steps) {
        if (step.kind === "open") {
          if (open().length === max) {
            const [oldest] = open().sort((a, b) => a.order - b.order);
            oldest!.expected = "abandoned";
          }
          assert.equal(readers.makeRoom(), true, "all readers pause");
          const client: Client = {
            reader: responseStream({
              next: () =>
                Promise.resolve(
                  client.left-- > 0 ? [new Uint8Array(1)] : undefined,
                ),
              timeout: TIMEOUT,
              timers,
              readers,
              onEnd: (outcome) => {
                assert.equal(client.outcome, undefined, "it ends once");
                client.outcome = outcome;
              },
            }).getReader(),
            left: step.chunks,
            since: timers.clock.mono(),
            order: order++,
            outcome: undefined,
            expected: undefined,
          };
          client.reader.closed.catch(() => {});
          clients.push(client);
        } else if (step.kind === "wait") {
          timers.advance(step.seconds);
          for (const client of open()) {
            const pause = timers.clock.mono() - client.since;
            if (pause >= TIMEOUT) client.expected = "abandoned";
          }
        } else if (open().length > 0) {
          const client = open()[step.which % open().length]!;
          if (step.kind === "cancel") {
            client.expected = "abandoned";
            await client.reader.cancel();
          } else {
            const { done } = await client.reader.read();
            if (done) client.expected = "served";
            client.since = timers.clock.mono();
            client.order = order++;
            await settled();
          }
        }
        for (const { outcome, expected } of clients) {
          assert.equal(outcome, expected);
        }
        assert.equal(readers.count, open().length);
        assert.equal(timers.pending, open().length);
      }
      for (const { reader } of open()) await reader.cancel();
      assert.deepEqual([readers.count, timers.pending], [0, 0]);
    },
  ));
});

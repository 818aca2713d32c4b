/**
 * The cost of one push, from the registry to the request, for each target. The
 * receiver is a function that answers at once. Requests are not compressed.
 *
 * The released client only pushes to a Pushgateway; beside it stands what it does
 * before that: its text, as bytes.
 *
 * Alone: `deno run -A bench/push_bench.ts`, or `bun run bench/push_bench.ts`.
 */
import {
  type MetricPusher,
  otlpMetrics,
  pushgateway,
  remoteWrite,
  victoriaMetrics,
} from "../src/push/mod.ts";
import { countersOf, theirCounters } from "./fixtures.ts";
import { type Case, measure, type Question, tableOf } from "./harness.ts";

const encoder = new TextEncoder();

/** The confirmation that a receiver of remote write 2.0 sends. */
const headers = { "x-prometheus-remote-write-samples-written": "1" };

const fetch = () => Promise.resolve(new Response(null, { headers }));

/** A clock in which a second lies between two pushes. */
function clock() {
  let now = 1_700_000_000;
  return { unix: () => now++, mono: () => now };
}

/** Returns the question for a registry with `size` counters of three labels. */
function question(size: number, times: number): Question {
  const { registry } = countersOf(size);
  const rival = theirCounters(size).registry;
  const shared = { fetch, interval: 0, signals: false } as const;
  const endpoint = "http://collector";
  const url = "http://receiver/path";
  const of = (
    name: string,
    role: Case["role"],
    pusher: MetricPusher,
  ): Case => ({
    name,
    role,
    async run(n) {
      for (let i = 0; i < n; i++) {
        if (!await pusher.push()) throw new Error(`${name} has failed`);
      }
    },
  });
  const plain = { ...shared, compress: false };
  const json = {
    ...plain,
    endpoint,
    clock: clock(),
    protocol: "json",
  } as const;
  const group = { ...plain, url, clock: clock(), job: "a" };
  const writing = { ...shared, url, clock: clock(), job: "a" };
  return {
    title: `one push, ${size.toLocaleString("en")} counters with 3 labels`,
    unit: "ms",
    times,
    cases: [
      of("pushgateway", "barograph", pushgateway(registry, group)),
      {
        name: "@prometheus-io/client, text only",
        role: "rival",
        async run(n) {
          for (let i = 0; i < n; i++) encoder.encode(await rival.metrics());
        },
      },
      of(
        "victoriaMetrics",
        "reference",
        victoriaMetrics(registry, { ...plain, url, clock: clock() }),
      ),
      of(
        "otlpMetrics",
        "reference",
        otlpMetrics(registry, { ...plain, endpoint, clock: clock() }),
      ),
      of("otlpMetrics, JSON", "reference", otlpMetrics(registry, json)),
      of("remoteWrite", "reference", remoteWrite(registry, writing)),
    ],
  };
}

export function pushQuestions(): readonly Question[] {
  return [question(300, 20), question(100_000, 1)];
}

if (import.meta.main) {
  const results = [];
  for (const each of pushQuestions()) results.push(await measure(each));
  console.log(tableOf(results));
}

/** `pushgateway` against real gateways, the oldest and the newest at hand. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import {
  expose,
  type Format,
  prometheusProto,
  prometheusText,
} from "../../../src/encode/mod.ts";
import { createRegistry, type Registry } from "../../../src/metrics/mod.ts";
import { pushgateway, type PushgatewayOptions } from "../../../src/push/mod.ts";
import { nastyRegistry, rareFamilies } from "../../oracle/corpus.ts";
import { needs, type ProgramName, programOf } from "../../oracle/programs.ts";
import { until } from "../../oracle/prometheus.ts";
import { Receiver } from "../../oracle/receiver.ts";
import { ended, start } from "../../support/programs.ts";
import * as fc from "../../support/property.ts";
import { readProto } from "../../support/proto_reader.ts";
import { read } from "../../support/readers.ts";
import type { SeenFamily } from "../../support/seen.ts";

const timeout = 120_000;

const GATEWAYS: readonly (readonly [string, ProgramName])[] = [
  ["1.5", "PUSHGATEWAY"],
  ["1.11", "PUSHGATEWAY_1_11"],
];

/** The group of one job, as a gateway reports it. */
interface Group {
  readonly labels: Readonly<Record<string, string>>;
}

/** Returns a gateway, and a function that makes pushers to it. */
async function started(program: ProgramName, options: readonly string[] = []) {
  const gateway = await Receiver.pushgateway(programOf(program)!, options);
  const pusherOf = (
    registry: Registry,
    options: Partial<PushgatewayOptions> = {},
  ) => {
    const errors: string[] = [];
    const pusher = pushgateway(registry, {
      url: gateway.url,
      job: "backup",
      grouping: { instance: "a" }, // or else samples get an empty one
      signals: false,
      onError: ({ message }) => errors.push(message),
      ...options,
    });
    return { pusher, errors };
  };
  /** Returns the families of the job, as a scrape in protobuf sees them. */
  const stored = async (job = "backup"): Promise<readonly SeenFamily[]> => {
    const headers = { accept: prometheusProto.contentType };
    const { body } = await gateway.fetch("/metrics", { headers });
    return sorted(familiesOf(readProto(body, false), job));
  };
  const groups = async (): Promise<readonly Group["labels"][]> => {
    const { data } = await gateway.json<{ data: readonly Group[] }>(
      "/api/v1/metrics",
    );
    return data.map(({ labels }) => labels);
  };
  /** Waits until there is no group: a gateway answers deletions before it. */
  const untilEmpty = () =>
    until(async () => (await groups()).length === 0 || undefined);
  return {
    gateway,
    pusherOf,
    stored,
    groups,
    untilEmpty,
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  };
}

/** Returns families without the labels of a group, and without those of the gateway. */
function familiesOf(
  families: readonly SeenFamily[],
  job: string,
): readonly SeenFamily[] {
  return families
    .filter(({ name }) => !/^(?:go|process|pushgateway|push)_/.test(name))
    .map((family) => ({
      ...family,
      series: family.series
        .filter(({ labels }) =>
          labels.some(([name, value]) => name === "job" && value === job)
        )
        .map((series) => ({
          ...series,
          labels: series.labels.filter(([name]) =>
            name !== "job" && name !== "instance"
          ),
        })),
    }))
    .filter(({ series }) => series.length > 0);
}

/** Returns families in an order that does not depend on their source. */
function sorted(families: readonly SeenFamily[]): readonly SeenFamily[] {
  const keyOf = (value: object): string => JSON.stringify(value);
  return families
    .map((family) => ({
      ...family,
      type: family.type.toLowerCase(),
      series: family.series.toSorted((a, b) =>
        keyOf(a.labels) < keyOf(b.labels) ? -1 : 1
      ),
    }))
    .toSorted((a, b) => a.name < b.name ? -1 : 1);
}

/** Returns what a scrape of `registry` sees. */
function scraped(registry: Registry, format: Format): readonly SeenFamily[] {
  const observer = { failed: () => {} };
  return sorted(read(expose(registry, format, { observer }), format));
}

/** Adds histograms with native buckets. */
function withNative(registry: Registry): Registry {
  const native = registry.histogram({
    name: "native_seconds",
    help: "Native buckets only.",
    native: true,
    labels: ["route"],
  });
  native.with({ route: "/none" });
  native.with({ route: "/infinite" }).observe(Infinity);
  const both = registry.histogram({
    name: "both_seconds",
    help: "Buckets of both kinds.",
    native: true,
    buckets: [0.1, 1, 10],
  });
  for (const value of [-2, 0, 1e-9, 0.3, 7, 7, 1e9]) {
    native.with({ route: "/" }).observe(value, 1, { trace_id: `n${value}` });
    both.observe(value, 1, { trace_id: `b${value}` });
  }
  return registry;
}

/** Gateways do not store units. */
function withoutUnits(families: readonly SeenFamily[]): readonly SeenFamily[] {
  return families.map((family) => ({ ...family, unit: "" }));
}

/** Numbers that have been pushed, by the names of their families. */
function numbersOf(
  families: readonly SeenFamily[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(families.map(({ name, series }) => [
    name,
    series.map(({ value }) => value.kind === "number" && value.value),
  ]));
}

for (const [version, program] of GATEWAYS) {
  const options = { ...needs(program), timeout };

  test(`gateway ${version} stores what a scrape stores`, options, async () => {
    await using world = await started(program);
    const registry = nastyRegistry();
    registry.unregister("broken");
    registry.add(rareFamilies(true));
    const { pusher, errors } = world.pusherOf(registry, { format: "text" });
    assert.equal(await pusher.push(), true, errors.join("\n"));
    assert.deepEqual(await world.stored(), scraped(registry, prometheusText));
    withNative(registry);
    const rich = world.pusherOf(registry); // protobuf, because it is needed
    assert.equal(await rich.pusher.push(), true, rich.errors.join("\n"));
    const found = await world.stored();
    const expected = scraped(registry, prometheusProto);
    assert.deepEqual(found, withoutUnits(expected));
    assert.ok(
      found.some(({ series }) =>
        series.some(({ exemplars, value }) =>
          exemplars.length > 0 && value.kind === "histogram" &&
          value.native !== undefined
        )
      ),
    );
    assert.deepEqual(errors, []);
    assert.deepEqual(rich.errors, []);
  });

  test(
    `gateway ${version}: put replaces, post adds, delete deletes`,
    options,
    async () => {
      await using world = await started(program);
      const registry = createRegistry({ selfMetrics: false });
      const first = registry.gauge({ name: "first", help: "1." });
      registry.gauge({ name: "second", help: "2.", labels: ["x"] })
        .with({ x: "1" }).set(2);
      first.set(1);
      const all = world.pusherOf(registry);
      assert.equal(await all.pusher.push(), true);
      const later = createRegistry({ selfMetrics: false });
      later.gauge({ name: "second", help: "2.", labels: ["x"] })
        .with({ x: "2" }).set(3);
      const adding = world.pusherOf(later, { method: "post" });
      assert.equal(await adding.pusher.push(), true);
      assert.deepEqual(numbersOf(await world.stored()), {
        first: [1],
        second: [3],
      });
      const replacing = world.pusherOf(later);
      assert.equal(await replacing.pusher.push(), true);
      assert.deepEqual(numbersOf(await world.stored()), { second: [3] });
      const other = world.pusherOf(later, { grouping: {} });
      assert.equal(await other.pusher.delete(), true, "there is no such group");
      assert.deepEqual(numbersOf(await world.stored()), { second: [3] });
      assert.equal(await replacing.pusher.delete(), true);
      await world.untilEmpty();
      const nothing = world.pusherOf(createRegistry({ selfMetrics: false }));
      assert.equal(await all.pusher.push(), true);
      assert.equal(await nothing.pusher.push(), true);
      assert.deepEqual(await world.stored(), [], "the group is empty");
    },
  );

  test(
    `gateway ${version}: a job that throws has pushed`,
    options,
    async () => {
      await using world = await started(program);
      const registry = createRegistry({ selfMetrics: false });
      const done = registry.gauge({ name: "done", help: "Done." });
      const job = async (options: Partial<PushgatewayOptions>) => {
        await using _ = world.pusherOf(registry, options).pusher;
        done.set(7);
        throw new Error("the disk is full");
      };
      await assert.rejects(job({}), /the disk is full/);
      assert.deepEqual(numbersOf(await world.stored()), { done: [7] });
      await assert.rejects(job({ deleteOnClose: true }), /the disk is full/);
      await world.untilEmpty();
    },
  );

  test(
    `gateway ${version}: what it refuses comes with its words`,
    options,
    async () => {
      await using world = await started(program);
      const registry = createRegistry({ selfMetrics: false });
      registry.gauge({ name: "size", help: "A gauge." }).set(1);
      assert.equal(await world.pusherOf(registry).pusher.push(), true);
      const other = createRegistry({ selfMetrics: false });
      other.histogram({ name: "size", help: "Buckets." }).observe(1);
      const { pusher, errors } = world.pusherOf(other, { job: "another" });
      assert.equal(await pusher.push(), false);
      assert.equal(errors.length, 1);
      assert.match(errors[0]!, /^the gateway answered 400: .*size/);
      const { points, ...pushes } = pusher.stats();
      assert.deepEqual(pushes, {
        queued: 0,
        exported: 0,
        lost: 0,
        rejected: 1,
        retries: 0,
      });
      assert.deepEqual(points, {
        queued: 0,
        exported: 0,
        lost: 0,
        rejected: 1,
      });
    },
  );

  test(
    `gateway ${version}: labels of a group come back equal`,
    options,
    async () => {
      await using world = await started(program);
      const registry = createRegistry({ selfMetrics: false });
      registry.gauge({ name: "one", help: "1." }).set(1);
      const text = fc.oneof(
        fc.string({ unit: "binary", maxLength: 20 }),
        fc.array(
          fc.constantFrom("/", ".", "..", "%", "%2F", "+", "@base64", "=", " "),
          { maxLength: 4 },
        ).map((parts) => parts.join("")),
        fc.constantFrom(
          "",
          "\0",
          "\n",
          "\ud800",
          "\ufeff",
          "🚀",
          "\\",
          "?",
          "#",
        ),
      );
      const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,5}$/);
      const labels = fc.dictionary(
        name.filter((name) => !["job", "le", "quantile"].includes(name)),
        text,
        { maxKeys: 4, noNullPrototype: true },
      );
      const job = text.filter((job) => job !== "");
      await fc.assert(
        fc.asyncProperty(job, labels, async (job, grouping) => {
          const { pusher, errors } = world.pusherOf(registry, {
            job,
            grouping,
          });
          assert.equal(await pusher.push(), true, errors.join("\n"));
          const wanted = Object.fromEntries(
            Object.entries({ job, ...grouping }).map(([name, value]) => [
              name,
              value.toWellFormed(),
            ]),
          );
          assert.deepEqual(await world.groups(), [wanted]);
          assert.equal(await pusher.delete(), true);
          await world.untilEmpty();
        }),
        { numRuns: 500 },
      );
    },
  );
}

test("names that are not classic need a gateway that is asked to read them", {
  ...needs("PUSHGATEWAY_1_11"),
  timeout,
}, async () => {
  const program = "PUSHGATEWAY_1_11";
  await using world = await started(program, ["--push.enable-utf8-names"]);
  const registry = createRegistry({ selfMetrics: false });
  registry.gauge({ name: "one", help: "1." }).set(1);
  const grouping = { "http.method": "a/b", größe: "" };
  const { pusher, errors } = world.pusherOf(registry, { grouping });
  assert.equal(await pusher.push(), true, errors.join("\n"));
  assert.deepEqual(await world.groups(), [{ job: "backup", ...grouping }]);
});

test("the example of a scheduled job has pushed when it ends", {
  ...needs("PUSHGATEWAY_1_11"),
  timeout,
}, async () => {
  await using world = await started("PUSHGATEWAY_1_11");
  const variables = { PUSHGATEWAY_URL: world.gateway.url };
  const child = start("examples/cron_job.ts", [], { variables });
  const { code, stderr } = await ended(child);
  assert.equal(code, 0, stderr);
  const { body } = await world.gateway.fetch("/metrics");
  const text = new TextDecoder().decode(body);
  assert.match(text, /^backup_duration_seconds_count\{.*outcome="done"\} 1$/m);
  assert.match(text, /^backup_last_success_timestamp_seconds\{.*\} 1\./m);
});

test("a signal pushes before it ends the process, and deletes if asked", {
  ...needs("PUSHGATEWAY_1_11"),
  timeout,
}, async () => {
  await using world = await started("PUSHGATEWAY_1_11");
  for (const deletes of [false, true]) {
    const child = start("tests/push/gateway/waiting_job.ts", [
      world.gateway.url,
      String(deletes),
    ]);
    await once(child.stdout!, "data"); // it is ready
    if (deletes) {
      assert.deepEqual(numbersOf(await world.stored())["done"], [1]);
    }
    child.kill("SIGTERM");
    const { code } = await ended(child);
    assert.notEqual(code, 0);
    if (deletes) await world.untilEmpty();
    else assert.deepEqual(numbersOf(await world.stored())["done"], [2]);
  }
});

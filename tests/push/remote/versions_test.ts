/** Remote write: headers, labels of the target, and versions of the protocol. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Answer, setUp, statsOf, storing, valuesOf } from "./set_up.ts";

const timeout = 120_000;

const manifest = JSON.parse(
  readFileSync(new URL("../../../deno.json", import.meta.url), "utf8"),
) as { version: string };

/** A receiver of 1.0 that takes a request of 2.0 and stores nothing. */
const swallowing: Answer = () => new Response(null, { status: 204 });

/** A receiver of 1.0 that knows its content type. */
const strict: Answer = ({ version }) =>
  new Response(null, { status: version === "2.0" ? 415 : 204 });

test("the headers describe the body, and users cannot overwrite them", {
  timeout,
}, async () => {
  const headers = {
    Authorization: "Bearer secret",
    "X-Scope-OrgID": "7",
    "User-Agent": "mine",
    "Content-Type": "text/plain",
    "Content-Encoding": "gzip",
    "X-Prometheus-Remote-Write-Version": "9",
    "Retry-Attempt": "9",
  };
  for (const version of ["2.0", "1.0"] as const) {
    const world = setUp({ version, headers });
    world.registry.gauge({ name: "a", help: "A." }).set(1);
    assert.equal(await world.pusher.push(), true);
    const [sent] = world.sent;
    assert.equal(sent?.url, "http://receiver/api/v1/write");
    assert.deepEqual(Object.fromEntries(sent!.headers), {
      authorization: "Bearer secret",
      "x-scope-orgid": "7",
      "user-agent": `barograph/${manifest.version}`,
      "content-encoding": "snappy",
      "content-type": version === "2.0"
        ? "application/x-protobuf;proto=io.prometheus.write.v2.Request"
        : "application/x-protobuf",
      "x-prometheus-remote-write-version": version === "2.0"
        ? "2.0.0"
        : "0.1.0",
    });
    assert.deepEqual(Object.entries(sent!.series[0]!.labels), [
      ["__name__", "a"],
      ["instance", "a:1"],
      ["job", "shop"],
    ]);
  }
});

test("instance is a random UUID by default, the same in each push", {
  timeout,
}, async () => {
  const instances = new Set<string>();
  for (const _ of [1, 2]) {
    const world = setUp({ instance: undefined, labels: { region: "eu" } });
    world.registry.gauge({ name: "a", help: "A." }).set(1);
    await world.pusher.push();
    await world.pusher.push();
    const [first, second] = world.sent.map(({ series }) => series[0]!.labels);
    assert.deepEqual(first, second);
    assert.equal(first!["region"], "eu");
    instances.add(first!["instance"]!);
  }
  assert.equal(instances.size, 2);
  for (const instance of instances) {
    assert.match(instance, /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/);
  }
});

for (const [name, answer] of Object.entries({ swallowing, strict })) {
  test(`a ${name} receiver of 1.0 gets the same push as 1.0, for good`, {
    timeout,
  }, async () => {
    const world = setUp({}, answer);
    const counter = world.registry.counter({ name: "a_total", help: "A." });
    counter.inc(3);
    assert.equal(await world.pusher.push(), true);
    counter.inc();
    world.timers.clock.advance(1);
    assert.equal(await world.pusher.push(), true);
    const versions = world.sent.map(({ version }) => version);
    assert.deepEqual(versions, ["2.0", "1.0", "1.0"]);
    const [first, again, later] = world.sent;
    assert.deepEqual(valuesOf(again!), { a_total: 3 });
    assert.equal(again!.time, first!.time);
    assert.deepEqual(valuesOf(later!), { a_total: 4 });
    assert.deepEqual(statsOf(world), [[0, 2, 0, 0], [0, 2, 0, 0]]);
    assert.deepEqual(world.errors, []);
  });
}

test("a receiver that is replaced by an older one gets 1.0 from then on", {
  timeout,
}, async () => {
  let isOld = false;
  const world = setUp(
    {},
    (sent, nth) => isOld ? swallowing(sent, nth) : storing(sent),
  );
  world.registry.gauge({ name: "a", help: "A." }).set(1);
  assert.equal(await world.pusher.push(), true);
  isOld = true;
  assert.equal(await world.pusher.push(), true);
  const versions = world.sent.map(({ version }) => version);
  assert.deepEqual(versions, ["2.0", "2.0", "1.0"]);
});

test("with version 2.0, a receiver of 1.0 is an error with advice", {
  timeout,
}, async () => {
  for (const answer of [swallowing, strict]) {
    const world = setUp({ version: "2.0" }, answer);
    world.registry.gauge({ name: "a", help: "A." }).set(1);
    assert.equal(await world.pusher.push(), false);
    assert.equal(world.sent.length, 1);
    assert.match(
      world.errors[0]!,
      /answered (?:204 and stored nothing|415); it does not support 2\.0; give \{ version: "auto" \}$/,
    );
    assert.deepEqual(statsOf(world), [[0, 0, 0, 1], [0, 0, 0, 1]]);
  }
});

test("version 1.0 never tries 2.0", { timeout }, async () => {
  const world = setUp({ version: "1.0" }, strict);
  world.registry.gauge({ name: "a", help: "A." }).set(1);
  assert.equal(await world.pusher.push(), true);
  assert.deepEqual(world.sent.map(({ version }) => version), ["1.0"]);
});

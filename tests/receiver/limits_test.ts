/** The limits of a receiver: series, labels, memory, and each request. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createWorld, DELTA, gaugeOf, point, requestOf } from "./world.ts";

function resource(name: string, id = "1"): Record<string, string> {
  return { "service.name": name, "service.instance.id": id };
}

test("limits of senders, series, families and labels reject what is beyond", async () => {
  const { send, receive } = createWorld({
    maxSenders: 2,
    maxSeries: 3,
    maxFamilies: 4,
    maxLabelLength: 20,
  });
  const series = [1, 2, 3, 4].map((n) => point(n, 1, 0, { n: String(n) }));
  const reasons = async (...all: Parameters<typeof requestOf>) => {
    const { partialSuccess } = await send(requestOf(...all));
    return partialSuccess?.errorMessage;
  };
  assert.equal(
    await reasons([gaugeOf("x", ...series)], resource("a")),
    'metric "x": there are 3 series of this sender already (1)',
  );
  await reasons(
    [gaugeOf("y", point(1)), gaugeOf("z", point(1))],
    resource("b"),
  );
  assert.equal(
    await reasons([gaugeOf("w", point(1))], resource("b")),
    'metric "w": there are 4 families already (1)',
  );
  assert.equal(
    await reasons([gaugeOf("x", point(1))], resource("c")),
    'metric "x": there are 2 senders already (1)',
  );
  const long = { k: "v".repeat(21) };
  assert.equal(
    await reasons([gaugeOf("x", point(1, 1, 0, long))], resource("b")),
    'metric "x": an attribute is longer than 20 (1)',
  );
  assert.equal(
    await reasons([gaugeOf("x".repeat(21), point(1))], resource("b")),
    `metric "${"x".repeat(21)}": its name or unit is too long (1)`,
  );
  const many = Object.fromEntries(
    Array.from({ length: 65 }, (_, i) => [`k${i}`, "v"]),
  );
  assert.equal(
    await reasons([gaugeOf("x", point(1, 1, 0, many))], resource("b")),
    'metric "x": it has over 64 attributes (1)',
  );
  assert.equal(receive.stats().series, 5);
});

test("a request has only so many metrics and resources", async () => {
  const { send, receive } = createWorld({ maxSenders: 1 });
  const metrics = Array.from(
    { length: 10_002 },
    () => gaugeOf("x", point(1), point(2, 2)),
  );
  assert.deepEqual(await send(requestOf(metrics)), {
    partialSuccess: {
      rejectedDataPoints: "10003", // the first of two is older than the second
      errorMessage: 'metric "x": a newer point was received before (9999); ' +
        "the request: over 10000 metrics at once (4)",
    },
  });
  const request = requestOf([gaugeOf("x", point(3, 3))]) as {
    resourceMetrics: object[];
  };
  const [resourceMetrics] = request.resourceMetrics;
  const { partialSuccess } = await send({
    resourceMetrics: Array(1002).fill(resourceMetrics),
  });
  assert.deepEqual(partialSuccess, {
    rejectedDataPoints: "2",
    errorMessage: 'metric "x": over 1000 resources at once (2)',
  });
  assert.equal(receive.stats().series, 1);
});

test("the memory of all series is bounded; what is known goes on", async () => {
  const { send, lines, clock } = createWorld({
    maxMemory: 10_000,
    expiry: 60,
  });
  const series = (n: number, length: number) =>
    requestOf([gaugeOf(
      "x",
      ...Array.from(
        { length: n },
        (_, i) => point(i, 1, 0, { n: "v".repeat(length) + i }),
      ),
    )]);
  const words = /the series of all senders take 10000 bytes already \((\d+)\)/;
  const first = await send(series(10, 1000));
  assert.equal(words.exec(first.partialSuccess!.errorMessage)![1], "7");
  assert.equal(lines(/^x\{/).length, 3);
  assert.deepEqual(await send(series(3, 1000)), {});
  clock.advance(61);
  assert.deepEqual(await send(series(3, 1000)), {});
});

test("sums of native buckets grow only within the memory of all series", async () => {
  const { send, receive } = createWorld({ maxMemory: 10_000 });
  const buckets = (offset: number, time: number) =>
    send(requestOf([{
      name: "x",
      exponentialHistogram: {
        aggregationTemporality: DELTA,
        dataPoints: [{
          count: 1,
          scale: 8,
          timeUnixNano: time,
          positive: { offset, bucketCounts: [1] },
        }],
      },
    }]));
  assert.deepEqual(await buckets(0, 1), {});
  assert.deepEqual(await buckets(1800, 2), {}); // 14 kB
  assert.match(
    (await buckets(0, 3)).partialSuccess!.errorMessage,
    /10000 bytes/,
  );
  assert.equal(receive.stats().series, 1);
});

test("a request has only so many points, but as many as series", async () => {
  const points = Array.from({ length: 30_001 }, () => ({ asDouble: 1 }));
  const metrics = [gaugeOf("x", ...points), gaugeOf("y", ...points)];
  const few = createWorld();
  assert.deepEqual(await few.send(requestOf(metrics)), {
    partialSuccess: {
      rejectedDataPoints: "10002",
      errorMessage: "the request: over 50000 points at once (10002)",
    },
  });
  const many = createWorld({ maxSeries: 70_000 });
  assert.deepEqual(await many.send(requestOf(metrics)), {});
});

test("a request has only so many scopes", async () => {
  const { send } = createWorld();
  const scopeMetrics = Array.from({ length: 1002 }, () => ({
    metrics: [gaugeOf("x", point(1))],
  }));
  assert.deepEqual(await send({ resourceMetrics: [{ scopeMetrics }] }), {
    partialSuccess: {
      rejectedDataPoints: "2",
      errorMessage: 'metric "x": over 1000 scopes at once (2)',
    },
  });
});

test("a request has only so many different lists of keys", async () => {
  const { send } = createWorld();
  const points = Array.from(
    { length: 10_001 },
    (_, i) => point(1, 1, 0, { [`k${i % 7}`]: "v", [`k.${i}`]: "v" }),
  );
  const { partialSuccess } = await send(requestOf([gaugeOf("x", ...points)]));
  assert.match(
    partialSuccess!.errorMessage,
    /"x": over 10000 different lists of keys at once \(1\)/,
  );
});

test("the labels of a family are bounded over all of its series", async () => {
  const { send } = createWorld();
  const points = Array.from(
    { length: 130 },
    (_, i) => point(1, 1, 0, { [`k${i}`]: "v" }),
  );
  const { partialSuccess } = await send(requestOf([gaugeOf("x", ...points)]));
  assert.deepEqual(partialSuccess, {
    rejectedDataPoints: "3", // one of 128 is the job
    errorMessage: 'metric "x": its series have over 128 different labels (3)',
  });
});

test("labels that no series has any more leave room for others", async () => {
  const { send, lines, clock } = createWorld({ expiry: 60 });
  const of = (from: number) =>
    requestOf([gaugeOf(
      "x",
      ...Array.from(
        { length: 100 },
        (_, i) => point(1, 1, 0, { [`k${from + i}`]: "v" }),
      ),
    )]);
  const still = requestOf([gaugeOf("x", point(1))]);
  await send(of(0));
  assert.ok((await send(of(100))).partialSuccess);
  for (let i = 0; i < 4; i++) {
    clock.advance(20);
    await send(still);
  }
  assert.deepEqual(await send(of(100)), {});
  assert.deepEqual(lines(/^x\{/).length, 101);
  assert.equal(lines(/k0=|k9=/).length, 0);
});

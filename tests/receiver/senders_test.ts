/** Senders side by side, expiry, and names that others have. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { metricsHandler } from "../../src/http/mod.ts";
import { capture } from "../../src/model/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { otlpReceiver } from "../../src/receiver/mod.ts";
import { FakeClock } from "../../src/testing/mod.ts";
import { jsonOf } from "./encodings.ts";
import {
  createWorld,
  DELTA,
  gaugeOf,
  linesOf,
  point,
  post,
  requestOf,
  sumOf,
} from "./world.ts";

function resource(name: string, id = "1"): Record<string, string> {
  return { "service.name": name, "service.instance.id": id };
}

test("several senders have series of the same family side by side", async () => {
  const { send, lines, receive } = createWorld();
  await send(requestOf([sumOf("jobs", [point(1)])], resource("a")));
  await send(requestOf([sumOf("jobs", [point(2)])], resource("a", "2")));
  const attributes = { kind: "mail" };
  await send(
    requestOf([sumOf("jobs", [point(3, 1, 0, attributes)])], resource("b")),
  );
  assert.deepEqual(lines(/^jobs_total/), [
    'jobs_total{job="a",instance="1"} 1',
    'jobs_total{job="a",instance="2"} 2',
    'jobs_total{job="b",instance="1",kind="mail"} 3',
  ]);
  const { senders, families, series, accepted } = receive.stats();
  assert.deepEqual([senders, families, series, accepted], [3, 2, 3, 3]);
});

test("a sender that is silent leaves with its series, a delta one too", async () => {
  const { send, lines, clock, receive } = createWorld({ expiry: 60 });
  await send(requestOf([sumOf("jobs", [point(1)], DELTA)], resource("a")));
  await send(requestOf([gaugeOf("x", point(1))], resource("b")));
  clock.advance(50);
  await send(requestOf([gaugeOf("x", point(2, 2))], resource("b")));
  clock.advance(50);
  assert.deepEqual(lines(/^(jobs|x|target_info)\b.*\{/), [
    'target_info{job="b",instance="1"} 1',
    'x{job="b",instance="1"} 2',
  ]);
  assert.equal(receive.stats().senders, 1);
  clock.advance(100);
  assert.deepEqual(lines(/^(x|target_info)/), []);
  assert.equal(receive.stats().families, 0);
});

test("a series that its sender sends no more leaves, unless it is of differences", async () => {
  const { send, lines, clock } = createWorld({ expiry: 60 });
  await send(requestOf([
    sumOf("jobs", [point(1)], DELTA),
    gaugeOf("x", point(1)),
  ]));
  for (let i = 0; i < 4; i++) {
    clock.advance(20);
    await send(requestOf([gaugeOf("y", point(1, i + 1))]));
  }
  assert.deepEqual(lines(/^(jobs_total|x|y)\{/), [
    'jobs_total{job="shop"} 1',
    'y{job="shop"} 1',
  ]);
});

test("idle series of differences leave when their sender has too many", async () => {
  const { send, lines, clock } = createWorld({ expiry: 60, maxSeries: 3 });
  const at = (time: number, ...kinds: string[]) =>
    send(requestOf([
      sumOf(
        "jobs",
        kinds.map((kind) => point(1, time, time - 1, { kind })),
        DELTA,
      ),
    ]));
  await at(1, "a", "b", "c");
  for (let i = 2; i < 6; i++) {
    clock.advance(20);
    await at(i, "c");
  }
  await at(6, "d");
  assert.deepEqual(
    lines(/^jobs_total/).map((line) => line.replace(/.*kind="(.)"\}/, "$1")),
    ["c 5", "d 1"],
  );
});

test("the first type of a name wins; others are rejected with words", async () => {
  const { send, lines } = createWorld();
  await send(requestOf([gaugeOf("x", point(1))], resource("a")));
  const { partialSuccess } = await send(requestOf([
    { name: "x", summary: { dataPoints: [{ count: 1 }] } },
    sumOf("ok", [point(1)]),
    gaugeOf("ok.total", point(1)),
  ], resource("b")));
  assert.deepEqual(partialSuccess, {
    rejectedDataPoints: "2",
    errorMessage: 'metric "x": "x" is a gauge here and not a summary (1); ' +
      'metric "ok.total": "ok_total" is a counter here and not a gauge (1)',
  });
  const clash = await send(requestOf([gaugeOf("ok", point(1))]));
  assert.match(
    clash.partialSuccess!.errorMessage,
    /"ok_total" already has its name/,
  );
  assert.deepEqual(lines(/^ok/).filter((line) => !line.startsWith("#")), [
    'ok_total{job="b",instance="1"} 1',
  ]);
});

test("the registry's own families have the older right, even if they come later", async () => {
  const { registry, send, lines, receive } = createWorld();
  registry.gauge({ name: "x", help: "Own." }).set(7);
  const { partialSuccess } = await send(requestOf([gaugeOf("x", point(1))]));
  assert.match(partialSuccess!.errorMessage, /"x" already has its name/);
  await send(requestOf([gaugeOf("y", point(1))]));
  registry.gauge({ name: "y", help: "Own." }).set(8);
  assert.deepEqual(lines(/^[xy]\b(?! )/).filter((l) => /\{/.test(l)), []);
  assert.deepEqual(lines(/^[xy] /).filter((line) => line[0] !== "#"), [
    "x 7",
    "y 8",
  ]);
  assert.equal(
    lines(/^barograph_receiver_hidden_families /).at(-1),
    "barograph_receiver_hidden_families 1",
  );
  const later = await send(requestOf([gaugeOf("y", point(2, 2))]));
  assert.equal(later.partialSuccess!.rejectedDataPoints, "1");
  registry.unregister("y");
  assert.deepEqual(lines(/^y\{/), ['y{job="shop"} 1']);
  assert.deepEqual(receive.stats().rejected, 2);
});

test("a sender cannot write what describes it, or the metrics of the receiver", async () => {
  const { send } = createWorld();
  const metadata = [
    { key: "prometheus.type", value: { stringValue: "info" } },
  ];
  const { partialSuccess } = await send(requestOf([
    { ...gaugeOf("target_info", point(1)), metadata },
    sumOf("barograph_receiver_points", [point(1)]),
  ]));
  assert.deepEqual(partialSuccess, {
    rejectedDataPoints: "2",
    errorMessage: 'metric "target_info": the receiver writes it itself (1); ' +
      'metric "barograph_receiver_points": ' +
      '"barograph_receiver_points_total" already has its name (1)',
  });
});

test("labels that are the same where names are escaped are rejected", async () => {
  const { send, lines } = createWorld({ translation: "NoTranslation" });
  const { partialSuccess } = await send(requestOf([gaugeOf(
    "x",
    point(1, 1, 0, { "a.b": "1" }),
    point(1, 1, 0, { "c": "1", "a_b": "1" }),
    point(2, 1, 0, { "c": "1" }),
    point(1, 1, 0, { "..name..": "1" }),
  )]));
  assert.deepEqual(partialSuccess, {
    rejectedDataPoints: "2",
    errorMessage: 'metric "x": the label "a_b" is illegal, or the same as ' +
      'another one where names are escaped (1); metric "x": the label ' +
      '"..name.." is illegal, or the same as another one where names are ' +
      "escaped (1)",
  });
  assert.deepEqual(lines(/^x\{|^\{"x"/).length, 2);
});

test("name[] selects received families", async () => {
  const { registry, send } = createWorld();
  await send(requestOf([gaugeOf("x", point(1)), gaugeOf("y", point(2))]));
  const handler = metricsHandler(registry, { prepare: false });
  const url = "http://localhost/metrics?name[]=y";
  const text = await (await handler(new Request(url))).text();
  assert.match(text, /^y\{job="shop"\} 2$/m);
  assert.doesNotMatch(text, /^x/m);
});

test("a second receiver of a registry takes the place of the first", async () => {
  const { registry, receive, send, lines } = createWorld();
  await send(requestOf([gaugeOf("x", point(1))]));
  const second = otlpReceiver(registry);
  assert.deepEqual(lines(/^x\{/), []);
  const body = jsonOf(requestOf([gaugeOf("x", point(2))]));
  const refused = await receive(post(body));
  assert.equal(refused.status, 503);
  assert.match(await refused.text(), /it has ended/);
  assert.equal((await second(post(body))).status, 200);
  assert.deepEqual(lines(/^x\{/), ['x{job="shop"} 2']);
  second[Symbol.dispose]();
  assert.deepEqual(lines(/^(x|barograph_receiver)/), []);
});

test("a registry without self-metrics has none of the receiver", async () => {
  const clock = new FakeClock();
  const registry = createRegistry({ clock, selfMetrics: false });
  const receive = otlpReceiver(registry, { clock });
  await receive(post(jsonOf(requestOf([gaugeOf("x", point(1))]))));
  assert.deepEqual(linesOf(registry, /^barograph/), []);
  assert.equal(capture(registry).families.length, 2);
});

test("its own metrics count requests, points and reasons", async () => {
  const { send, lines, receive } = createWorld();
  await send(requestOf([sumOf("a", [point(1), point(-1)])]));
  await receive(post("nonsense"));
  assert.deepEqual(
    lines(/^barograph_receiver_.*/).filter((line) => / [1-9]/.test(line))
      .filter((line) => line[0] !== "#"),
    [
      'barograph_receiver_requests_total{code="200"} 1',
      'barograph_receiver_requests_total{code="400"} 1',
      "barograph_receiver_points_total 1",
      'barograph_receiver_rejected_points_total{reason="invalid"} 1',
      "barograph_receiver_senders 1",
      "barograph_receiver_series 1",
    ],
  );
});

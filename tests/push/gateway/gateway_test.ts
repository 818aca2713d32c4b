/** `pushgateway`: requests, retries and errors. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../../mod.ts";
import { pushgateway, type PushgatewayOptions } from "../../../src/push/mod.ts";
import { gatewayWorld } from "./set_up.ts";

const timeout = 120_000;

const TEXT = "text/plain; version=0.0.4; charset=utf-8";
const PROTO = "application/vnd.google.protobuf; " +
  "proto=io.prometheus.client.MetricFamily; encoding=delimited";

test(
  "a push is a PUT of text to the path of the group",
  { timeout },
  async () => {
    const { pusher, registry, received } = gatewayWorld({
      url: "gateway:9091/base/",
      grouping: { instance: "a/b", shard: "", "db.name": "ü" },
      headers: { authorization: "Basic dTpw", "Content-Type": "text/html" },
    });
    registry.gauge({ name: "done", help: "Done." }).set(7);
    assert.equal(await pusher.push(), true);
    const [request] = received;
    assert.equal(
      request!.url,
      "http://gateway:9091/base/metrics/job/backup/instance@base64/YS9i/" +
        "shard@base64/=/U__db_2e_name/%C3%BC",
    );
    assert.equal(request!.method, "PUT");
    assert.equal(request!.type, TEXT);
    assert.equal(request!.headers.get("authorization"), "Basic dTpw");
    assert.equal(
      request!.text,
      "# HELP done Done.\n# TYPE done gauge\ndone 7\n",
    );
    assert.equal(await pusher.delete(), true);
    assert.equal(received[1]!.method, "DELETE");
    assert.equal(received[1]!.url, request!.url);
    assert.equal(received[1]!.type, null);
    assert.equal(received[1]!.text, "");
  },
);

test("addresses of a gateway may have a path, and end in /metrics", async () => {
  for (
    const [url, base] of [
      ["http://a", "http://a/metrics/job/backup"],
      ["localhost:9091", "http://localhost:9091/metrics/job/backup"],
      ["https://a/b/metrics/", "https://a/b/metrics/job/backup"],
      ["push.example.com", "https://push.example.com/metrics/job/backup"],
      ["http://a/?token=1#x", "http://a/metrics/job/backup?token=1"],
    ] as const
  ) {
    const { pusher, received } = gatewayWorld({ url });
    assert.equal(await pusher.delete(), true);
    assert.equal(received[0]!.url, base);
  }
});

test("protobuf is sent where text is not enough, from then on", {
  timeout,
}, async () => {
  const types = async (
    options: Partial<PushgatewayOptions>,
    record: (registry: ReturnType<typeof gatewayWorld>["registry"]) => void,
  ) => {
    const { pusher, registry, received } = gatewayWorld(options);
    registry.counter({ name: "a_total", help: "A." }).inc();
    await pusher.push();
    record(registry);
    await pusher.push();
    return received.map(({ type }) => type);
  };
  const native = (registry: Parameters<Parameters<typeof types>[1]>[0]) =>
    registry.histogram({ name: "h", help: "H.", native: true }).observe(1);
  const exemplar = (registry: Parameters<typeof native>[0]) =>
    registry.counter({ name: "b_total", help: "B." })
      .inc(1, { trace_id: "1" });
  const inBucket = (registry: Parameters<typeof native>[0]) =>
    registry.histogram({ name: "h", help: "H." })
      .observe(1, 1, { trace_id: "1" });
  assert.deepEqual(await types({}, () => {}), [TEXT, TEXT]);
  assert.deepEqual(await types({}, native), [TEXT, PROTO]);
  assert.deepEqual(await types({}, exemplar), [TEXT, PROTO]);
  assert.deepEqual(await types({}, inBucket), [TEXT, PROTO]);
  assert.deepEqual(await types({ format: "text" }, native), [TEXT, TEXT]);
  assert.deepEqual(await types({ format: "protobuf" }, () => {}), [
    PROTO,
    PROTO,
  ]);
});

test("families that the gateway would mix up with its own are left out", {
  timeout,
}, async () => {
  const { pusher, registry, received, errors } = gatewayWorld({
    grouping: { instance: "a", http_method: "b" },
  });
  registry.gauge({ name: "good", help: "Good." }).set(1);
  const label = (name: string, labels: readonly string[]) =>
    registry.scope({ names: "utf-8" }).gauge({ name, help: "Bad.", labels })
      .at(...labels.map(() => "x")).set(1);
  label("of_job", ["job"]);
  label("of_group", ["a", "instance"]);
  label("of_dots", ["http.method"]);
  registry.gauge({ name: "push_time_seconds", help: "Mine." }).set(1);
  assert.equal(await pusher.push(), true);
  assert.equal(received[0]!.text.match(/^[a-z]\w*/gm)?.join(), "good");
  const rename = "which the receiver sets for all metrics of a push; " +
    "rename one of them";
  assert.deepEqual(errors, [
    `"of_job" is left out: it has the label "job", ${rename}`,
    `"of_group" is left out: it has the label "instance", ${rename}`,
    `"of_dots" is left out: it has the label "http.method", ${rename}`,
    `"push_time_seconds" is left out: the receiver has a metric of that ` +
    `name; rename it`,
  ]);
  assert.deepEqual(pusher.stats().points, {
    queued: 0,
    exported: 1,
    lost: 0,
    rejected: 0,
  });
});

test("a push of which everything has failed does not empty the group", {
  timeout,
}, async () => {
  const { pusher, registry, received, errors } = gatewayWorld();
  registry.callbackGauge({
    name: "broken",
    help: "Broken.",
    read: () => {
      throw new Error("no disk");
    },
  });
  assert.equal(await pusher.push(), false);
  assert.equal(received.length, 0);
  assert.match(errors[0]!, /no disk/);
  assert.equal(pusher.stats().rejected, 1);
});

test("only failures of the server and of the network are repeated", {
  timeout,
}, async () => {
  for (const status of [301, 400, 401, 404, 405, 413, 415, 429]) {
    const { pusher, received, errors } = gatewayWorld({}, () => status);
    assert.equal(await pusher.push(), false);
    assert.equal(received.length, 1, String(status));
    assert.equal(errors.length, 1);
    assert.match(errors[0]!, new RegExp(`the gateway answered ${status}`));
    assert.equal(pusher.stats().rejected, 1);
  }
  for (const fault of [500, 503, 599, new TypeError("connection refused")]) {
    const { pusher, received, timers } = gatewayWorld(
      {},
      (nth) => nth < 3 ? fault : 202,
    );
    const pushed = pusher.push();
    await timers.pass(10);
    assert.equal(await pushed, true);
    assert.equal(received.length, 3);
    assert.equal(pusher.stats().retries, 2);
  }
});

test("a push is given up after 5 tries, and the process may end", {
  timeout,
}, async () => {
  const { pusher, received, timers, errors } = gatewayWorld({}, () => 503);
  const pushed = pusher.push();
  await timers.pass(60);
  assert.equal(await pushed, false);
  assert.equal(received.length, 5);
  assert.equal(errors.length, 5);
  await timers.pass(60);
  assert.deepEqual(timers.waits, []);
  const { queued, exported, lost, rejected, retries } = pusher.stats();
  assert.deepEqual([queued, exported, lost, rejected, retries], [
    0,
    0,
    1,
    0,
    4,
  ]);
});

test(
  "disposing pushes, and deletes if that is asked for",
  { timeout },
  async () => {
    const methodsOf = async (options: Partial<PushgatewayOptions>) => {
      const world = gatewayWorld(options);
      {
        await using _ = world.pusher;
      }
      assert.deepEqual(world.timers.waits, []);
      assert.equal(await world.pusher.push(), false, "it is closed");
      return world.received.map(({ method }) => method);
    };
    assert.deepEqual(await methodsOf({}), ["PUT"]);
    assert.deepEqual(await methodsOf({ method: "post" }), ["POST"]);
    assert.deepEqual(await methodsOf({ deleteOnClose: true }), [
      "PUT",
      "DELETE",
    ]);
  },
);

test("after a deletion, the end pushes nothing", { timeout }, async () => {
  const { pusher, received } = gatewayWorld();
  await pusher.push();
  const deleted = pusher.delete();
  assert.equal(await pusher.shutdown(), true, "it waits for the deletion");
  assert.equal(await deleted, true);

  const again = gatewayWorld();
  await again.pusher.delete();
  await again.pusher.push();
  await again.pusher.shutdown();
  const refused = gatewayWorld({}, () => 400);
  assert.equal(await refused.pusher.delete(), false);
  assert.equal(await refused.pusher.shutdown(), false);
  assert.deepEqual(
    [received, again.received, refused.received].map((requests) =>
      requests.map(({ method }) => method)
    ),
    [["PUT", "DELETE"], ["DELETE", "PUT", "PUT"], ["DELETE"]],
  );
});

test(
  "a gateway that hangs delays the end for 5 seconds",
  { timeout },
  async () => {
    const { pusher, timers } = gatewayWorld(
      { deleteOnClose: true },
      () => "hang",
    );
    let isEnded = false;
    const ending = pusher.shutdown().then((isExported) => {
      isEnded = true;
      return isExported;
    });
    await timers.pass(4.9);
    assert.equal(isEnded, false);
    await timers.pass(0.2);
    assert.equal(await ending, false);
    assert.equal(timers.hung, 0, "the request is cancelled");
  },
);

test("a newer push, or a deletion, replaces one that waits", {
  timeout,
}, async () => {
  let status = 503;
  const { pusher, registry, received, timers } = gatewayWorld({}, () => status);
  const done = registry.gauge({ name: "done", help: "Done." });
  done.set(1);
  const first = pusher.push();
  await timers.rest();
  done.set(2);
  const second = pusher.push();
  await timers.rest();
  assert.equal(await first, false);
  status = 200;
  const deleted = pusher.delete();
  await timers.pass(10);
  assert.equal(await second, false);
  assert.equal(await deleted, true);
  assert.deepEqual(received.map(({ method }) => method), [
    "PUT",
    "PUT",
    "DELETE",
  ]);
  assert.match(received[1]!.text, /^done 2$/m);
});

test("by interval, the newest state is pushed", { timeout }, async () => {
  const { pusher, registry, received, timers } = gatewayWorld({ interval: 30 });
  const done = registry.gauge({ name: "done", help: "Done." });
  await timers.pass(29);
  assert.equal(received.length, 0);
  done.set(3);
  await timers.pass(32);
  assert.equal(received.length, 2);
  assert.equal(timers.holds, false);
  await pusher.shutdown();
  assert.deepEqual(timers.waits, []);
});

test("errors have the words of the gateway, but neither query nor secrets", {
  timeout,
}, async () => {
  const { pusher, errors } = gatewayWorld(
    {
      url: "http://gateway:9091?token=geheim",
      headers: { authorization: "Bearer geheim" },
    },
    (nth) =>
      nth === 1
        ? new Response("pushed metrics are\ninvalid", { status: 400 })
        : nth === 2
        ? new Response(null, {
          status: 307,
          headers: { location: "http://other/x?token=geheim" },
        })
        : 200,
  );
  assert.equal(await pusher.push(), false);
  assert.equal(await pusher.push(), false);
  assert.deepEqual(errors, [
    "the gateway answered 400: pushed metrics are invalid",
    'the gateway answered 307: it redirects to "http://other/x?…"; ' +
    "give the final address as the url",
  ]);
});

test("large bodies are compressed, until the gateway refuses that", {
  timeout,
}, async () => {
  const { pusher, registry, received } = gatewayWorld(
    {},
    (_, { headers }) => headers.has("content-encoding") ? 415 : 200,
  );
  const sizes = registry.gauge({ name: "size", help: "S.", labels: ["i"] });
  for (let i = 0; i < 200; i++) sizes.with({ i }).set(i);
  assert.equal(await pusher.push(), true);
  assert.equal(await pusher.push(), true);
  assert.deepEqual(
    received.map(({ headers }) => headers.get("content-encoding")),
    ["gzip", null, null],
  );
  const plain = gatewayWorld({ compress: false });
  assert.equal(await plain.pusher.push(), true);
});

test("wrong arguments throw where the pusher is made", () => {
  const registry = createRegistry();
  const good = { url: "http://a", job: "b" };
  for (
    const [options, message] of [
      [{ url: "" }, /Cannot push to "": it is empty; give the address of a P/],
      [{ url: "http://u:geheim@a" }, /a password in it would be logged; use/],
      [{ url: "ftp://a" }, /neither http nor https/],
      [{ job: "" }, /Cannot push to a gateway: job is empty; give it, such as/],
      [{ job: 7 }, /job is of type number|job is 7/],
      [{ grouping: { job: "x" } }, /label "job" is the option job; give it th/],
      [{ grouping: { le: "x" } }, /label "le" is written by histograms/],
      [{ grouping: { __x: "y" } }, /label "__x" cannot be a label; give a nam/],
      [{ grouping: { U__x: "y" } }, /label "U__x" cannot be a label/],
      [{ grouping: { "": "y" } }, /label "" cannot be a label/],
      [{ grouping: { a: 7 } }, /label "a" is 7; give a string/],
      [{ method: "patch" }, /method is "patch"; give/],
      [{ format: "openmetrics" }, /format is "openmetrics"; give/],
      [{ interval: -1 }, /interval is -1; give seconds/],
      [{ registry }, /there is no option "registry"; give any of url, job/],
      [{ headers: { a: "x\ny" } }, /the header "a" cannot be sent/],
      [
        { headers: { a: undefined as never } },
        /the header "a" is of type undefined; give a string/,
      ],
    ] as const
  ) {
    assert.throws(
      () =>
        pushgateway(registry, { ...good, ...options } as PushgatewayOptions),
      message,
    );
  }
  assert.throws(
    () => pushgateway({ url: "http://a" } as never, good),
    /Cannot push to a gateway: the first argument must be a registry/,
  );
});

/** Which hosts a request may name, where the option `hosts` is given. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createBus } from "../../src/bus/mod.ts";
import {
  eventsHandler,
  type Hosts,
  metricsHandler,
} from "../../src/http/mod.ts";
import { isLoopback } from "../../src/http/internal.ts";
import { createTelemetry } from "../../mod.ts";
import { get, registryOf } from "./fixtures.ts";

/** Names that a web page of a stranger can have. */
const PUBLIC = [
  "evil.example",
  "evil.example:9090",
  "EVIL.example.",
  "localhost.evil.example",
  "127.0.0.1.evil.example",
  "internal.evil.example",
  "evil-localhost.example",
  "nas.local.evil.example",
  "svc.example",
  "1.2.3.4.5",
  "[::1].evil.example",
  "localhost, evil.example",
  "evil.example@localhost.example",
];

/** Names of which nobody can have a web page. */
const PRIVATE = [
  "",
  "localhost",
  "LOCALHOST:9090",
  "localhost.",
  "shop.localhost:80",
  "127.0.0.1:9090",
  "192.168.1.7",
  "[::1]:9090",
  "[::ffff:127.0.0.1]",
  "prometheus:9090",
  "my_container",
  "host.docker.internal:9090",
  "shop.prod.svc:9090",
  "shop.prod.svc.cluster.local",
  "nas.LOCAL",
  "router.lan",
  "nas.home.arpa",
];

async function statusOf(hosts: Hosts | undefined, host: string) {
  const answer = await metricsHandler(registryOf(), { hosts })(get({ host }));
  return { status: answer.status, text: await answer.text() };
}

test("hosts refuses the names that a web page can have, and repeats none", async () => {
  for (const host of PUBLIC) {
    const { status, text } = await statusOf([], host);
    assert.equal(status, 403, host);
    assert.equal(
      text,
      'this host is not allowed; to allow it, give hosts: ["its.name"] on ' +
        "the server\n",
    );
  }
});

test("hosts admits addresses and names that nobody can register", async () => {
  for (const host of PRIVATE) {
    assert.equal((await statusOf([], host)).status, 200, host);
  }
  // HTTP/1.0: no browser leaves it out.
  const bare = new Request("http://localhost/metrics");
  assert.equal(bare.headers.get("host"), null);
  const handler = metricsHandler(registryOf(), { hosts: [] });
  assert.equal((await handler(bare)).status, 200);
});

test("hosts admits its names on every port, in any case", async () => {
  const hosts = ["Metrics.example", "b.example"];
  for (const host of ["metrics.example", "METRICS.EXAMPLE:81", "b.example."]) {
    assert.equal((await statusOf(hosts, host)).status, 200, host);
  }
  for (const host of ["c.example", "a.b.example", "b.example.org"]) {
    assert.equal((await statusOf(hosts, host)).status, 403, host);
  }
});

test("handlers admit every host unless hosts is given", async () => {
  for (const hosts of [undefined, "any"] as const) {
    for (const host of PUBLIC) {
      assert.equal((await statusOf(hosts, host)).status, 200, host);
    }
  }
});

test("hosts guards events and the endpoints of a telemetry, too", async () => {
  const headers = { host: "evil.example" };
  using events = eventsHandler(createBus(), { hosts: [] });
  const feed = new Request("http://localhost/events", { headers });
  assert.equal((await events(feed)).status, 403);
  await using telemetry = createTelemetry({
    registry: registryOf(),
    hosts: [],
  });
  const app = telemetry.observe(() => new Response("app"), {
    events: "/events",
  });
  for (const path of ["/metrics", "/events"]) {
    const request = new Request(`http://localhost${path}`, { headers });
    assert.equal((await app(request)).status, 403, path);
  }
  const other = new Request("http://localhost/", { headers });
  assert.equal(await (await app(other)).text(), "app");
});

test("hosts is refused if it is no list of names", () => {
  for (
    const hosts of ["all", ["a.example:80"], ["http://a.example"], [7], [""]]
  ) {
    assert.throws(
      () => metricsHandler(registryOf(), { hosts: hosts as never }),
      /hosts is .*; give "any" or a list of names without ports, such as \["metrics.example"\]/,
    );
  }
});

test("isLoopback() knows the addresses that only this machine reaches", () => {
  for (
    const address of [
      "127.0.0.1",
      "127.1",
      "127.255.0.9",
      "::1",
      "localhost",
      "::ffff:127.0.0.1",
      "::ffff:7f00:1",
      "0:0:0:0:0:0:0:1",
      "[0::1]",
      "2130706433",
      "0x7f000001",
      "0177.0.0.1",
      "LOCALHOST",
      "localhost.",
      "shop.localhost",
      "ip6-localhost",
    ]
  ) assert.equal(isLoopback(address), true, address);
  for (
    const address of ["0.0.0.0", "::", "0", "10.0.0.1", "127.evil.example"]
  ) assert.equal(isLoopback(address), false, address);
});

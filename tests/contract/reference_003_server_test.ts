/** The server checks of reference 003. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../mod.ts";
import { ServeError, serveTelemetry } from "../../src/server/mod.ts";
import { getSecure, pem } from "../server/fixtures.ts";

const timeout = 120_000;

function withMetrics() {
  const registry = createRegistry();
  registry.counter({ name: "jobs_total", help: "Jobs." }).inc(7);
  return { registry, port: 0 };
}

const base = ({ port }: { readonly port: number }) =>
  `http://127.0.0.1:${port}`;

/** Returns the fault of the error that `work` throws. */
async function faultOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    assert.ok(error instanceof ServeError, String(error));
    assert.match(error.message, /^Cannot serve telemetry: .*[;:] .+/);
    return error.fault;
  }
  return "none";
}

test("003.11 the server reports its default address, and the bound one", {
  timeout,
}, async () => {
  // The default port may be in use: check the default without binding it.
  let address: string;
  try {
    await using server = await serveTelemetry(withMetricsAt(undefined));
    address = server.address;
  } catch (error) {
    address = /http:\S+|127\.0\.0\.1:9090/.exec((error as Error).message)![0];
  }
  assert.ok(
    address === "http://localhost:9090/metrics" || address === "127.0.0.1:9090",
  );
  await using server = await serveTelemetry(withMetrics());
  assert.notEqual(server.port, 0);
  assert.equal(server.address, `http://localhost:${server.port}/metrics`);
  const text = await (await fetch(`${base(server)}/metrics`)).text();
  assert.match(text, /^jobs_total 7$/m);
});

function withMetricsAt(port: number | undefined) {
  const { registry } = withMetrics();
  return port === undefined ? { registry } : { registry, port };
}

test("003.12 health is JSON, the index page has links, other paths give 404", {
  timeout,
}, async () => {
  await using server = await serveTelemetry({
    ...withMetrics(),
    path: "/stats",
  });
  const health = await fetch(`${base(server)}/health`);
  assert.equal(health.status, 200);
  assert.match(health.headers.get("content-type")!, /^application\/json/);
  const { status, timestamp } = await health.json();
  assert.equal(status, "healthy");
  assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const plain = await fetch(`${base(server)}/health`, {
    headers: { accept: "text/plain" },
  });
  assert.equal((await plain.text()).trim(), "OK");
  const page = await fetch(`${base(server)}/`);
  assert.match(page.headers.get("content-type")!, /^text\/html/);
  const html = await page.text();
  assert.match(html, /href="\/stats"/);
  assert.match(html, /href="\/health"/);
  for (const path of ["/nope", "/metrics", "/health/", "/%2e%2e/etc"]) {
    const response = await fetch(base(server) + path);
    await response.body?.cancel();
    assert.equal(response.status, 404, path);
  }
});

test("003.13 a scraper gets the format that it accepts", {
  timeout,
}, async () => {
  await using server = await serveTelemetry(withMetrics());
  const accept = "application/openmetrics-text; version=1.0.0";
  const open = await fetch(`${base(server)}/metrics`, { headers: { accept } });
  assert.match(open.headers.get("content-type")!, /^application\/openmetrics/);
  assert.ok((await open.text()).endsWith("# EOF\n"));
  const text = await fetch(`${base(server)}/metrics`);
  assert.match(
    text.headers.get("content-type")!,
    /text\/plain; version=0.0.4/,
  );
  await text.text();
});

test(
  "003.14 a failed start has a typed error, and a stopped server frees its port",
  {
    timeout,
  },
  async () => {
    const server = await serveTelemetry(withMetrics());
    const { port } = server;
    assert.equal(await faultOf(() => server.start()), "already_started");
    assert.throws(
      () => serveTelemetry({ registry: {} as never }),
      /registry is \{\}; give a registry/,
    );
    assert.equal(
      await faultOf(() => serveTelemetry(withMetricsAt(port))),
      "port_in_use",
    );
    await assert.rejects(
      serveTelemetry(withMetricsAt(port)),
      new RegExp(`${port} is in use`),
    );
    const scraping = fetch(`${base(server)}/metrics`);
    const answer = await scraping;
    const stopping = server.stop();
    assert.equal(server.running, false);
    await answer.text();
    await Promise.all([stopping, server.stop()]);
    await server.stop();
    await using again = await serveTelemetry(withMetricsAt(port));
    assert.equal(again.port, port, "the port is free");
  },
);

test("serveTelemetry() starts again after a stop", {
  timeout,
}, async () => {
  await using server = await serveTelemetry(withMetrics());
  for (let round = 0; round < 3; round++) {
    const ready = await fetch(`${base(server)}/ready`);
    assert.equal((await ready.json()).status, "ready");
    await server.stop();
    assert.equal(server.port, 0);
    await server.start();
  }
  assert.equal(server.running, true);
});

const TLS = { cert: pem("server.pem"), key: pem("server.key") };

test(
  "003.15 TLS serves clients that trust the certificate; a wrong one is refused",
  {
    timeout,
  },
  async () => {
    await using server = await serveTelemetry({ ...withMetrics(), tls: TLS });
    assert.match(server.address, /^https:\/\/localhost:\d+\/metrics$/);
    const { status, text } = await getSecure(server.port, "/metrics");
    assert.equal(status, 200);
    assert.match(text, /^jobs_total 7$/m);
    const wrong = [
      { certFile: "/nowhere.pem", keyFile: "/nowhere.key" },
      { cert: TLS.cert },
      { cert: "no certificate", key: TLS.key },
    ];
    for (const tls of wrong) {
      const start = () => serveTelemetry({ ...withMetrics(), tls });
      assert.equal(
        await faultOf(start),
        "bad_certificate",
        JSON.stringify(tls),
      );
    }
  },
);

test(
  "003.15 options require client certificates and TLS 1.3",
  {
    timeout,
  },
  async () => {
    const options = { ...withMetrics(), tls: { ...TLS, acme: {} } };
    assert.throws(() => serveTelemetry(options as never), /no option "acme"/);
    const strict = { ...TLS, minVersion: "1.3" as const };
    const mutual = { ...TLS, clientCa: pem("ca.pem") };
    await using server = await serveTelemetry({
      ...withMetrics(),
      tls: mutual,
    });
    await assert.rejects(getSecure(server.port, "/metrics"));
    const client = { cert: pem("client.pem"), key: pem("client.key") };
    assert.equal(
      (await getSecure(server.port, "/metrics", client)).status,
      200,
    );
    await using modern = await serveTelemetry({
      ...withMetrics(),
      tls: strict,
    });
    assert.equal((await getSecure(modern.port, "/metrics")).status, 200);
    await assert.rejects(
      getSecure(modern.port, "/metrics", { maxVersion: "TLSv1.2" }),
    );
  },
);

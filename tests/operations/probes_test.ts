/** The example answers what the files of operations request. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { execPath } from "node:process";
import { test } from "node:test";
import { RUNTIME } from "../runtimes/server.ts";
import { ended } from "../support/programs.ts";
import { at, documentsOf, PORTS, textOf } from "./files.ts";
import { type Shop, startShop } from "./shop_process.ts";

const timeout = 120_000;

/** Returns the container of the Deployment. */
function container(): unknown {
  const [deployment] = documentsOf("kubernetes/shop.yaml");
  return at(deployment, "spec", "template", "spec", "containers", 0);
}

/** Returns the address at which a running shop has a named port. */
function addressOf(shop: Shop, name: string): string {
  const ports = at(container(), "ports") as {
    name: string;
    containerPort: number;
  }[];
  const found = ports.find((port) => port.name === name)?.containerPort;
  assert.ok(found === PORTS.shop || found === PORTS.telemetry);
  return found === PORTS.shop ? shop.url : shop.telemetry;
}

async function statusOf(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const response = await fetch(url, { headers });
  await response.arrayBuffer();
  return response.status;
}

/** Returns the arguments of the health check of a Dockerfile. */
function healthCheck(text: string): string[] {
  const [, command] = /^HEALTHCHECK [^]*?CMD (\[.*\])$/m.exec(text)!;
  return JSON.parse(command!) as string[];
}

/** Runs a health check of a container beside a shop; returns its exit code. */
async function checked(
  [command, ...args]: readonly string[],
  port: number,
): Promise<number | null> {
  assert.equal(command, RUNTIME);
  const here = args.map((arg) => {
    return arg.replace(`:${PORTS.telemetry}/`, `:${port}/`);
  });
  assert.notDeepEqual(here, args);
  const { code } = await ended(spawn(execPath, here));
  return code;
}

test("probes of Kubernetes and checks of containers pass, without a token", {
  timeout,
}, async () => {
  const token = "t0k3n";
  await using shop = await startShop({ BAROGRAPH_TOKEN: token });
  for (const kind of ["livenessProbe", "readinessProbe", "startupProbe"]) {
    const path = String(at(container(), kind, "httpGet", "path"));
    const port = String(at(container(), kind, "httpGet", "port"));
    assert.equal(await statusOf(addressOf(shop, port) + path), 200, kind);
  }
  const command = healthCheck(textOf(`docker/Dockerfile.${RUNTIME}`));
  assert.equal(await checked(command, shop.ports.telemetry), 0);
  if (RUNTIME === "deno") {
    const [compose] = documentsOf("compose.yaml");
    const [kind, ...check] = at(
      compose,
      ...["services", "shop", "healthcheck", "test"],
    ) as string[];
    assert.equal(kind, "CMD");
    assert.equal(await checked(check, shop.ports.telemetry), 0);
  }

  const metrics = `${shop.telemetry}/metrics`;
  assert.equal(await statusOf(metrics), 401);
  assert.equal(
    await statusOf(metrics, { authorization: `Bearer ${token}` }),
    200,
  );
  assert.equal(await statusOf(`${shop.url}/metrics`), 404);
  assert.equal(await shop.end(), 0);
  assert.notEqual(await checked(command, shop.ports.telemetry), 0);
});

test("monitors and annotations name the path of the metrics", {
  timeout,
}, async () => {
  await using shop = await startShop();
  assert.equal(await statusOf(`${shop.url}/orders`), 200);
  const [deployment] = documentsOf("kubernetes/shop.yaml");
  const [byService] = documentsOf("kubernetes/service_monitor.yaml");
  const [byPod] = documentsOf("kubernetes/pod_monitor.yaml");
  const paths = [
    at(
      deployment,
      ...["spec", "template", "metadata", "annotations", "prometheus.io/path"],
    ),
    at(byService, "spec", "endpoints", 0, "path"),
    at(byPod, "spec", "podMetricsEndpoints", 0, "path"),
  ];
  for (const path of paths) {
    const text = await (await fetch(`${shop.telemetry}${path}`)).text();
    assert.match(text, /^shop_orders_total\{payment="card"\} 1$/m);
    assert.match(text, /^http_requests_total\{.*route="\/orders".*\} 1$/m);
  }
  assert.equal(await shop.end(), 0);
});

/** nginx with `nginx.conf` in front of the example. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { needs, programOf } from "../oracle/programs.ts";
import { freePort, until } from "../oracle/prometheus.ts";
import { textOf } from "./files.ts";
import { type Shop, startShop } from "./shop_process.ts";

/** Starts nginx in front of a shop. */
async function startNginx(
  { ports }: Shop,
): Promise<AsyncDisposable & { readonly url: string }> {
  const folder = mkdtempSync(join(tmpdir(), "barograph-nginx-"));
  const port = await freePort();
  const server = textOf("nginx.conf")
    .replace("listen 80;", `listen 127.0.0.1:${port};`)
    .replace("127.0.0.1:8000", `127.0.0.1:${ports.shop}`)
    .replace("127.0.0.1:9464", `127.0.0.1:${ports.telemetry}`);
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${folder}/${name};`);
  const config = join(folder, "nginx.conf");
  writeFileSync(
    config,
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr;
events {}
http { access_log off; ${paths.join(" ")} ${server} }
`,
  );
  const nginx = spawn(
    programOf("NGINX")!,
    ["-p", folder, "-c", config],
    { stdio: "ignore" },
  );
  const url = `http://127.0.0.1:${port}`;
  await until(async () => {
    const response = await fetch(`${url}/orders`);
    await response.arrayBuffer();
    return response.ok || undefined;
  });
  return {
    url,
    async [Symbol.asyncDispose]() {
      const ended = once(nginx, "exit");
      nginx.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

test("nginx passes on events at once, and the live page, but no metrics", {
  ...needs("NGINX"),
  timeout: 120_000,
}, async () => {
  const key = "0123456789abcdef0123456789abcdef";
  await using shop = await startShop({ BAROGRAPH_DASHBOARD_KEY: key });
  await using nginx = await startNginx(shop);
  const metrics = await fetch(`${nginx.url}/metrics`);
  await metrics.arrayBuffer();
  assert.equal(metrics.status, 404);

  const events = await fetch(`${nginx.url}/events`);
  assert.equal(events.status, 200);
  const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  // The stream has no end: an event arrives because nothing buffers it.
  while (!text.includes("request.end")) {
    await (await fetch(`${nginx.url}/orders`)).text();
    text += (await reader.read()).value;
  }
  await reader.cancel();

  const page = await fetch(`${nginx.url}/_barograph`);
  assert.match(await page.text(), /^<!doctype html>/i);
  const health = `${nginx.url}/_barograph/health`;
  assert.equal((await fetch(health)).status, 401);
  const answer = await fetch(health, { headers: { "x-barograph-key": key } });
  await answer.arrayBuffer();
  assert.equal(answer.status, 200);
});

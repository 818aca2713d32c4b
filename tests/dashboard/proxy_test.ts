/** A page behind nginx, which forwards everybody to a loopback address. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createRegistry, createTelemetry } from "../../mod.ts";
import { dashboard } from "../../src/dashboard/mod.ts";
import { needs, programOf } from "../oracle/programs.ts";
import { freePort, until } from "../oracle/prometheus.ts";
import { serve } from "../runtimes/server.ts";
import { KEY, statusOf } from "./world.ts";

/** Starts nginx; `/shop/` is the application, without that prefix. */
async function startNginx(to: number): Promise<
  { readonly url: string; stop(): Promise<void> }
> {
  const folder = mkdtempSync(join(tmpdir(), "barograph-nginx-"));
  const port = await freePort();
  const config = join(folder, "nginx.conf");
  writeFileSync(
    config,
    `daemon off; master_process off; pid ${folder}/pid; error_log stderr;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b;
  fastcgi_temp_path ${folder}/c; uwsgi_temp_path ${folder}/d;
  scgi_temp_path ${folder}/e;
  server {
    listen 127.0.0.1:${port};
    location /shop/ { proxy_pass http://127.0.0.1:${to}/; }
  }
}
`,
  );
  const nginx: ChildProcess = spawn(
    programOf("NGINX")!,
    ["-p", folder, "-c", config],
    { stdio: "ignore" },
  );
  const url = `http://127.0.0.1:${port}`;
  const stop = async () => {
    const ended = once(nginx, "exit");
    nginx.kill("SIGTERM");
    await ended;
    rmSync(folder, { recursive: true });
  };
  await until(async () => {
    const response = await fetch(`${url}/`);
    await response.body?.cancel();
    return response;
  });
  return { url, stop };
}

test("behind a proxy on the same machine, the key is asked for", {
  ...needs("NGINX"),
  timeout: 120_000,
}, async () => {
  const telemetry = createTelemetry({ registry: createRegistry() });
  const hosts: (string | null)[] = [];
  const handler = telemetry.observe(() => new Response("app"), {
    dashboard: dashboard("/_live", { key: KEY, print: false }),
  });
  const server = serve((request) => {
    hosts.push(request.headers.get("host"));
    return handler(request) as Promise<Response>;
  });
  const nginx = await startNginx(server.port);
  try {
    const base = `${nginx.url}/shop/_live`;
    const outside = { "x-forwarded-for": "127.0.0.1", host: "shop.example" };
    const page = await fetch(base, { headers: outside });
    assert.match(await page.text(), /^<!doctype html>/i);
    for (const path of ["feed", "history", "traces", "health"]) {
      const asked = fetch(`${base}/${path}`, { headers: outside });
      assert.equal(await statusOf(asked), 401, path);
    }
    // Nothing in the request tells that it does not come from this machine.
    assert.deepEqual(new Set(hosts), new Set([`127.0.0.1:${server.port}`]));

    const headers = { "x-barograph-key": KEY };
    const feed = await fetch(`${base}/feed`, { headers });
    assert.equal(feed.status, 200);
    const reader = feed.body!.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("event: hello")) text += (await reader.read()).value;
    await reader.cancel();
  } finally {
    await nginx.stop();
    await telemetry.close();
    await server.stop();
  }
});

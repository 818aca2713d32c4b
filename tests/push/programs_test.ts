/** Programs with pushers: when their processes end, and what is pushed then. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { serve } from "../runtimes/server.ts";
import { ended, start } from "../support/programs.ts";

const timeout = 120_000;

test("SIGTERM pushes once, even if the program holds only its instruments", {
  timeout,
}, async () => {
  const paths: string[] = [];
  const server = serve(({ url }) => {
    paths.push(new URL(url).pathname);
    return new Response();
  });
  const child = start("tests/push/programs/unreachable.ts", [
    `http://127.0.0.1:${server.port}`,
  ]);
  await once(child.stdout!, "data"); // it is ready
  child.kill("SIGTERM");
  await ended(child);
  await server.stop();
  assert.deepEqual(paths.sort(), [
    "/api/v1/import/prometheus",
    "/metrics/job/test",
    "/v1/metrics",
    "/write",
  ]);
});

test("a program ends while pushers wait for their next try", {
  timeout,
}, async () => {
  const headers = { "retry-after": "40" };
  const server = serve(() => new Response("down", { status: 503, headers }));
  const begin = performance.now();
  const { code, stdout } = await ended(
    start("tests/push/programs/leaving.ts", [
      `http://127.0.0.1:${server.port}`,
    ]),
  );
  await server.stop();
  assert.deepEqual([code, stdout.trim()], [0, "false"]);
  assert.ok(performance.now() - begin < 30_000);
});

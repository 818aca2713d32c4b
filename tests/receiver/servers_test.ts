/** A receiver behind the server of each runtime. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { createRegistry } from "../../src/metrics/mod.ts";
import { otlpMetrics } from "../../src/push/mod.ts";
import { RUNTIME, serve } from "../runtimes/server.ts";
import { createWorld } from "./world.ts";

for (const protocol of ["json", "protobuf"] as const) {
  test(`metrics arrive over a socket on ${RUNTIME}, with gzip: ${protocol}`, async () => {
    const { receive, lines } = createWorld();
    const server = serve(receive);
    const source = createRegistry({ selfMetrics: false });
    const jobs = source.counter({
      name: "jobs_total",
      help: "Jobs.",
      labels: ["kind"],
    });
    for (let i = 0; i < 500; i++) jobs.with({ kind: `k${i}` }).inc(i);
    const exporter = otlpMetrics(source, {
      endpoint: server.url,
      resource: { "service.name": "shop", "service.instance.id": "1" },
      interval: 0,
      protocol,
      onError: (error) => assert.fail(error),
    });
    assert.equal(await exporter.push(), true);
    await exporter.shutdown();
    await server.stop();
    const found = lines(/^jobs_total/);
    assert.equal(found.length, 500);
    assert.equal(found[7], 'jobs_total{job="shop",instance="1",kind="k7"} 7');
  });
}

test(`a body that stops on ${RUNTIME} is refused after its time`, {
  timeout: 120_000,
}, async () => {
  const { receive } = createWorld({ timeout: 0.2 });
  const server = serve(receive);
  const socket = connect(server.port, "127.0.0.1");
  socket.write(
    "POST /v1/metrics HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n" +
      'content-type: application/json\r\ncontent-length: 1000\r\n\r\n{"re',
  );
  const status = await new Promise<string>((resolve) =>
    socket.once("data", (bytes) => resolve(String(bytes).split("\r\n")[0]!))
  );
  socket.destroy();
  await server.stop();
  assert.match(status, /408/);
});

test(`a client that leaves in the middle on ${RUNTIME} changes nothing`, {
  timeout: 120_000,
}, async () => {
  const { receive } = createWorld();
  const began = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<number>();
  const server = serve(async (request) => {
    const answer = receive(request);
    began.resolve();
    const response = await answer;
    answered.resolve(response.status);
    return response;
  });
  const socket = connect(server.port, "127.0.0.1");
  socket.write(
    "POST /v1/metrics HTTP/1.1\r\nhost: 127.0.0.1\r\n" +
      'content-type: application/json\r\ncontent-length: 9\r\n\r\n{"re',
  );
  await began.promise;
  socket.destroy();
  assert.equal(await answered.promise, 400);
  await server.stop();
  assert.equal(receive.stats().accepted, 0);
});

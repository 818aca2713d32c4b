/** Workers and Durable Objects that are classes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runWorker } from "./harness.ts";

const durableObjects = { ROOMS: "Room" };

test("a class and a Durable Object have the metrics of their fetch", async () => {
  await using worker = await runWorker("classes.ts", [], { durableObjects });
  assert.equal((await worker.ask("/nowhere")).status, 404);
  for (const name of ["ada", "eve"]) {
    assert.equal((await worker.ask(`/rooms/join?name=${name}`)).status, 200);
  }
  const own = await (await worker.ask("/metrics")).text();
  assert.match(own, /^visits_total 3$/m);
  assert.match(own, /^http_requests_total\{.*status_class="2xx"\} 2$/m);
  const room = await (await worker.ask("/rooms/metrics")).text();
  assert.match(room, /^http_requests_total\{.*route="\/rooms\/join".*\} 2$/m);
});

test("a feed of a Durable Object gets the events of other requests", async () => {
  await using worker = await runWorker("classes.ts", [], { durableObjects });
  await worker.ask("/rooms/join?name=ada");
  const stop = new AbortController();
  const { address } = worker;
  const feed = await fetch(`${address}/rooms/events?since=0`, {
    signal: stop.signal,
  });
  assert.equal(feed.status, 200);
  let text = "";
  const reading = (async () => {
    for await (const chunk of feed.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      if (text.includes("eve") && text.includes("\n:\n")) return;
    }
  })();
  for (const name of ["bob", "eve"]) {
    await worker.ask(`/rooms/join?name=${name}`);
  }
  await reading;
  stop.abort();
  const names = [...text.matchAll(/"name":"(\w+)"/g)].map(([, name]) => name);
  assert.deepEqual(names, ["ada", "bob", "eve"]);
});

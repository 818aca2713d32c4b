/** Responses of a collector: accepted, accepted in part, refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { partialSuccess } from "../support/otlp_reader.ts";
import { collecting, PushTimers, span } from "./fixtures.ts";
import { give, setUp } from "./set_up.ts";

const timeout = 120_000;

test("spanExporter() counts a refused batch as rejected and sends the next", {
  timeout,
}, async () => {
  for (const status of [300, 301, 400, 401, 404, 500]) {
    const { exporter, timers, errors } = setUp(
      { batch: 2, interval: 1 },
      (_sent, nth) => new Response(null, { status: nth === 1 ? status : 200 }),
    );
    give(exporter, 1, 3);
    await timers.pass(2);
    const { rejected, exported, retries } = exporter.stats();
    assert.deepEqual([rejected, exported, retries], [2, 1, 0], `${status}`);
    assert.match(errors[0]!.message, new RegExp(`${status}`));
  }
});

test("spanExporter() counts a partial success in both encodings", {
  timeout,
}, async () => {
  for (const protocol of ["json", "protobuf"] as const) {
    const { exporter, errors } = setUp(
      { protocol },
      ({ headers }) =>
        new Response(partialSuccess(2, headers.get("content-type")!)),
    );
    give(exporter, 1, 5);
    assert.equal(await exporter.flush(), true);
    const { rejected, exported } = exporter.stats();
    assert.deepEqual([rejected, exported], [2, 3], protocol);
    assert.match(errors[0]!.message, /rejected 2/);
  }
});

test(
  "spanExporter() takes an unreadable response with status 200 as accepted",
  { timeout },
  async () => {
    const nonsense = [
      "<html>",
      '{"partialSuccess":{"rejectedSpans":"many"}}',
      '{"partialSuccess":{"rejectedSpans":-1}}',
      '{"partialSuccess":null}',
      "null",
      partialSuccess(-1, "application/x-protobuf"),
      new Uint8Array([10, 255, 255, 255]),
      new Uint8Array(300).fill(255),
    ];
    for (const protocol of ["json", "protobuf"] as const) {
      for (const answer of nonsense) {
        const { exporter } = setUp({ protocol }, () => new Response(answer));
        give(exporter, 1, 5);
        assert.equal(await exporter.flush(), true);
        assert.equal(exporter.stats().exported, 5);
      }
    }
  },
);

test("spanExporter() finds a partial success among unknown protobuf fields", {
  timeout,
}, async () => {
  const unknown = [
    ...[9 << 3 | 0, 255, 1], // a varint
    ...[10 << 3 | 1, 1, 2, 3, 4, 5, 6, 7, 8],
    ...[11 << 3 | 2, 2, 8, 9], // two bytes, such as a message
    ...[12 << 3 | 5, 1, 2, 3, 4],
  ];
  const known = partialSuccess(3, "application/x-protobuf");
  const { exporter } = setUp(
    {},
    () => new Response(new Uint8Array([...unknown, ...known])),
  );
  give(exporter, 1, 5);
  assert.equal(await exporter.flush(), true);
  assert.equal(exporter.stats().rejected, 3);
});

test(
  "spanExporter() takes an error response that cannot be cancelled as refused",
  {
    timeout,
  },
  async () => {
    const stubborn = (cancel: () => Promise<void>) =>
      new ReadableStream({ cancel });
    const rejects = () => Promise.reject(new Error("no"));
    const hangs = () => new Promise<void>(() => {});
    for (const cancel of [rejects, hangs]) {
      const { exporter, timers } = setUp(
        { interval: 1 },
        () => new Response(stubborn(cancel), { status: 400 }),
      );
      give(exporter, 1, 2);
      timers.hung = 1; // the body of the response never ends
      await timers.pass(2.1);
      assert.equal(exporter.stats().rejected, 2);
      assert.equal(exporter.stats().retries, 0);
    }
  },
);

test(
  "spanExporter() takes an endless response with status 200 as accepted at the timeout",
  {
    timeout,
  },
  async () => {
    const timers = new PushTimers(3);
    const { fetch } = collecting();
    const { exporter } = setUp({
      interval: 1,
      timeout: 3,
      timers,
      fetch: async (url, init) => {
        await fetch(url, init);
        timers.hung++;
        return new Response(
          new ReadableStream({
            start(controller) {
              init.signal!.addEventListener("abort", () => {
                timers.hung--;
                controller.error(init.signal!.reason);
              }, { once: true });
            },
          }),
        );
      },
    });
    give(exporter, 1, 2);
    await timers.pass(3.9);
    assert.equal(exporter.stats().exported, 0);
    await timers.pass(0.2);
    assert.equal(exporter.stats().exported, 2);
  },
);

test("spanExporter() sends no request of more than 64 MiB", {
  timeout,
}, async () => {
  const lengths: number[] = [];
  const { exporter } = setUp({
    compress: false,
    fetch: (_url, { body }) => {
      lengths.push((body as Uint8Array).length);
      return Promise.resolve(new Response());
    },
  });
  const text = "x".repeat(33 * 2 ** 20);
  const large = { ...span(), attributes: { text } };
  exporter.export(large);
  exporter.export(large);
  assert.equal(await exporter.flush(), true);
  assert.equal(exporter.stats().exported, 2);
  assert.equal(lengths.length, 2);
  assert.ok(Math.max(...lengths) < 64 * 2 ** 20);
});

test("spanExporter() retries the status codes that OTLP calls retryable", {
  timeout,
}, async () => {
  for (const status of [429, 502, 503, 504]) {
    const { exporter, timers } = setUp(
      { interval: 1 },
      (_sent, nth) => new Response(null, { status: nth === 1 ? status : 200 }),
    );
    give(exporter, 1, 3);
    await timers.pass(2);
    const { rejected, exported, retries } = exporter.stats();
    assert.deepEqual([rejected, exported, retries], [0, 3, 1], `${status}`);
  }
});

test(
  "spanExporter() cancels an endless response after 64 KiB, an error response after 4",
  {
    timeout,
  },
  async () => {
    for (const [status, maxChunks] of [[200, 128], [400, 8]] as const) {
      let chunks = 0;
      let cancelled = 0;
      const body = () =>
        new ReadableStream({
          pull(controller) {
            if (++chunks > 1000) return controller.close();
            controller.enqueue(new Uint8Array(1024));
          },
          cancel: () => void cancelled++,
        });
      const { exporter } = setUp({}, () => new Response(body(), { status }));
      give(exporter, 1, 2);
      assert.equal(await exporter.flush(), true);
      await new Promise((resolve) => setTimeout(resolve, 0));
      assert.equal(cancelled, 1, `${status}`);
      assert.ok(chunks <= maxChunks, `${chunks} KiB of ${status}`);
    }
  },
);

/** How a server of Deno is stopped, against a model of `Deno.serve`. */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import * as deno from "../../src/platform/deno.ts";
import type { ListenOptions } from "../../src/platform/internal.ts";
import { FakeTimers } from "../../src/testing/mod.ts";
import { withGlobals } from "./fixtures.ts";

interface Call {
  readonly signal: AbortSignal;
  readonly handle: (request: Request) => unknown;
  readonly log: string[];
}

/** Starts a server of a `Deno` whose abort throws once the server has ended. */
async function started(
  timers: FakeTimers,
  finished: Promise<void>,
  response = new Response(),
  completed: Promise<unknown> = new Promise(() => {}),
) {
  let call!: Call;
  const log: string[] = [];
  const Deno = {
    serve(
      { signal }: { readonly signal: AbortSignal },
      handler: (request: Request, info: object) => unknown,
    ) {
      signal.addEventListener("abort", () => {
        log.push("abort");
        throw new Error("BadResource");
      }, { once: true });
      const handle = (request: Request) => handler(request, { completed });
      call = { signal, handle, log };
      return {
        addr: { port: 1 },
        finished,
      };
    },
  };
  const options: ListenOptions = { port: 0, hostname: "127.0.0.1", timers };
  let listener!: ReturnType<typeof deno.serve>;
  withGlobals({ Deno }, () => {
    listener = deno.serve(() => response, options);
  });
  return { listener: (await listener)!, call };
}

/**
 * Returns the seconds that a stop leaves the client of `response`, which Deno
 * calls complete `milliseconds` after the answer.
 */
async function clientSeconds(
  response: Response,
  milliseconds: number,
): Promise<number> {
  let seconds = 0;
  const timers = new FakeTimers();
  const { promise: completed, resolve: complete } = Promise.withResolvers();
  const original = performance.now;
  let now = 1000;
  performance.now = () => now;
  try {
    const finished = Promise.resolve();
    const { listener, call } = await started(
      timers,
      finished,
      response,
      completed,
    );
    await call.handle(new Request("http://localhost/"));
    const stopped = listener.stop(3);
    now += milliseconds;
    complete(undefined);
    const turns = async () => {
      for (let i = 0; i < 20; i++) await Promise.resolve();
    };
    await turns();
    while (call.log.length === 0) {
      timers.advance(0.01);
      seconds += 0.01;
      await turns();
    }
    await stopped;
  } finally {
    performance.now = original;
  }
  assert.equal(timers.pending, 0);
  return Math.round(seconds * 100) / 100;
}

test("Listener.stop() leaves clients time for what Deno still holds", async () => {
  const of = (headers: Record<string, string> = {}) =>
    new Response("x", { headers });
  const large = of({ "content-length": "65537" });
  const feed = of({ "content-type": "text/event-stream; charset=utf-8" });
  assert.equal(await clientSeconds(of(), 50), 0.2);
  assert.equal(await clientSeconds(of(), 51), 2, "a slow client");
  assert.equal(await clientSeconds(of({ "content-length": "65536" }), 0), 0.2);
  assert.equal(await clientSeconds(large, 0), 2);
  assert.equal(await clientSeconds(feed, 60_000), 0.2);
});

/** Returns the uncaught errors and rejections while `work` runs. */
async function uncaughtOf(work: () => Promise<void>): Promise<unknown[]> {
  const errors: unknown[] = [];
  const note = (error: unknown) => void errors.push(error);
  process.on("uncaughtException", note);
  process.on("unhandledRejection", note);
  try {
    await work();
    await new Promise((resolve) => setTimeout(resolve, 10));
  } finally {
    process.off("uncaughtException", note);
    process.off("unhandledRejection", note);
  }
  return errors;
}

test("an abort that throws does not leave Listener.stop()", async () => {
  const errors = await uncaughtOf(async () => {
    const timers = new FakeTimers();
    const { listener, call } = await started(timers, Promise.resolve());
    call.handle(new Request("http://localhost/"));
    const stopped = listener.stop(3);
    timers.advance(3);
    await stopped;
    assert.deepEqual(call.log, ["abort"]);
    assert.equal(timers.pending, 0);
  });
  assert.deepEqual(errors, []);
});

test("Listener.stop() settles if the server never finishes", async () => {
  const timers = new FakeTimers();
  const { listener, call } = await started(timers, new Promise(() => {}));
  call.handle(new Request("http://localhost/"));
  const stopped = listener.stop(3);
  timers.advance(3);
  for (let i = 0; i < 10; i++) await Promise.resolve();
  timers.advance(1);
  await stopped;
  assert.equal(timers.pending, 0);
});

test("a server that fails neither ends the process nor makes a stop fail", async () => {
  const errors = await uncaughtOf(async () => {
    const failed = Promise.reject(new Error("accept"));
    const idle = await started(new FakeTimers(), failed);
    await idle.listener.stop(3);
    assert.deepEqual(idle.call.log, ["abort"]);
    const timers = new FakeTimers();
    const busy = await started(timers, failed);
    busy.call.handle(new Request("http://localhost/"));
    const stopped = busy.listener.stop(3);
    timers.advance(3);
    await stopped;
    assert.deepEqual(busy.call.log, ["abort"]);
  });
  assert.deepEqual(errors, []);
});

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
async function started(timers: FakeTimers, finished: Promise<void>) {
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
      const completed = new Promise(() => {});
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
    listener = deno.serve(() => new Response(), options);
  });
  return { listener: (await listener)!, call };
}

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

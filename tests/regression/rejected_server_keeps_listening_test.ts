// serveTelemetry() listened before it looked at its signal, so that a wrong signal
// rejected the promise and left the port bound, with nobody to stop the server. A
// wrong bus or check rejected too, instead of throwing.
import assert from "node:assert/strict";
import { test } from "node:test";
import { listen } from "../../src/platform/internal.ts";
import { serveTelemetry } from "../../src/server/mod.ts";
import { systemTimers } from "../../src/base/mod.ts";

const wrong = {} as never;

test("serveTelemetry() throws on a wrong option before it listens", () => {
  for (
    const [options, message] of [
      [{ signal: wrong }, /: signal is of type object; give a signal, such as/],
      [{ bus: wrong }, /: bus is of type object; give a bus, such as/],
      [{ checks: { db: 5 } as never }, /check "db" is of type number/],
      [{ checks: [] as never }, /: checks is an array; give checks/],
      [{ describe: { nmae: "x" } as never }, /there is no option "nmae"/],
      [{ describe: { endpoints: [] } as never }, /endpoints is an array/],
    ] as const
  ) {
    assert.throws(() => void serveTelemetry({ ...options, port: 0 }), {
      name: "TypeError",
      message,
    });
  }
});

test("a server that cannot listen leaves no listener on its signal", async () => {
  const taken = await listen(() => Promise.resolve(new Response("")), {
    port: 0,
    hostname: "127.0.0.1",
    timers: systemTimers,
  });
  const added = new Set<unknown>();
  const signal = {
    addEventListener: (_: string, work: unknown) => added.add(work),
    removeEventListener: (_: string, work: unknown) => added.delete(work),
  } as unknown as AbortSignal;
  try {
    await assert.rejects(serveTelemetry({ port: taken.port, signal }), {
      name: "ServeError",
    });
    assert.equal(added.size, 0);
  } finally {
    await taken.stop(0);
  }
});

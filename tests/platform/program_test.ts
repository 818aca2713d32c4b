import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { program } from "../../src/platform/internal.ts";
import { withGlobals } from "./fixtures.ts";

/** A stand-in for the global `process`; a test emits its signals. */
function fakeProcess(more: object = {}): EventEmitter {
  return Object.assign(new EventEmitter(), more);
}

for (const signal of ["SIGINT", "SIGTERM"]) {
  test(`Program.endRequested() resolves at ${signal}, and removes its listeners`, async () => {
    const process = fakeProcess();
    let requested: Promise<void> | undefined;
    let listeners = 0;
    withGlobals({ process }, () => {
      requested = program().endRequested();
      listeners = process.listenerCount("SIGINT") +
        process.listenerCount("SIGTERM");
      process.emit(signal);
    });
    await requested;
    assert.equal(listeners, 2);
    assert.deepEqual(process.eventNames(), []);
  });
}

test("Program.args() leaves out the runtime and the script", () => {
  const process = fakeProcess({ argv: ["deno", "main.ts", "--port", "1"] });
  withGlobals({ process }, () => {
    assert.deepEqual(program().args(), ["--port", "1"]);
  });
});

test("Program.end() exits with the code", () => {
  const codes: number[] = [];
  const process = fakeProcess({ exit: (code: number) => codes.push(code) });
  withGlobals({ process }, () => program().end(3));
  assert.deepEqual(codes, [3]);
});

test("Program.readText() returns the text of a file, and throws without one", () => {
  const { readText } = program();
  assert.match(
    readText(fileURLToPath(new URL("../../deno.json", import.meta.url))),
    /"@barograph\/barograph"/,
  );
  assert.throws(() => readText("no such file"), /no such file/);
});

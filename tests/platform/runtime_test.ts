/** The choice of a runtime, and the functions that every runtime must have. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import * as bun from "../../src/platform/bun.ts";
import * as deno from "../../src/platform/deno.ts";
import * as chosen from "../../src/platform/runtime.ts";
import type { Runtime } from "../../src/platform/runtime.ts";
import * as node from "../../src/platform/node.ts";
import * as workerd from "../../src/platform/workerd.ts";
import { RUNTIME } from "../runtimes/server.ts";
import { withGlobals } from "./fixtures.ts";

test("runtime.ts chooses the functions of this runtime, and each runtime has all", () => {
  const runtimes: Readonly<Record<string, Runtime>> = {
    bun,
    deno,
    node,
    workerd,
  };
  const own = runtimes[RUNTIME]!;
  const names = Object.keys(chosen) as (keyof Runtime)[];
  assert.equal(names.length, 16);
  for (const name of names) {
    assert.equal(chosen[name], own[name], name);
    for (const runtime of Object.values(runtimes)) {
      assert.equal(typeof runtime[name], "function", name);
    }
  }
  assert.notEqual(deno.serve, node.serve);
  assert.notEqual(bun.serve, node.serve);
});

test("serve() resolves to undefined on a runtime without a server", async () => {
  let listener: ReturnType<Runtime["serve"]> | undefined;
  withGlobals({ process: undefined }, () => {
    listener = node.serve(() => undefined, {} as never);
  });
  assert.equal(await listener, undefined);
});

test("turnsPerPoll() is known of these runtimes and of Node, not of others", () => {
  assert.deepEqual([deno.turnsPerPoll(), bun.turnsPerPoll()], [61, 1]);
  assert.equal(node.turnsPerPoll(), 1); // Deno and Bun have Node's version, too
  for (const process of [undefined, {}, { versions: { other: "1.0.0" } }]) {
    withGlobals({ process }, () => {
      assert.equal(node.turnsPerPoll(), undefined);
    });
  }
});

test("Program.args() returns the arguments after the script", () => {
  withGlobals({ process: { argv: ["deno", "main.ts", "--port", "1"] } }, () => {
    assert.deepEqual(node.program().args(), ["--port", "1"]);
  });
});

test("variable() is undefined for unset, forbidden and foreign values", () => {
  const env = Object.defineProperty({ SET: "1", KV: {} }, "FORBIDDEN", {
    get() {
      throw new Error("requires env access");
    },
  });
  const names = ["SET", "UNSET", "FORBIDDEN", "KV"];
  withGlobals({ process: { env } }, () => {
    for (const { variable } of [node, bun, workerd]) {
      const values = names.map(variable);
      assert.deepEqual(values, ["1", undefined, undefined, undefined]);
    }
  });
  for (const process of [undefined, {}]) {
    withGlobals({ process }, () => {
      for (const { variable } of [node, bun, workerd]) {
        assert.equal(variable("SET"), undefined);
      }
    });
  }
});

test("variable() of Deno reads only what is permitted, because it would prompt", () => {
  const read: string[] = [];
  const env = {
    get(name: string) {
      read.push(name);
      return "1";
    },
  };
  const querySync = (query: { name: string; variable: string }) => {
    assert.equal(query.name, "env");
    return { state: query.variable === "A" ? "granted" : "prompt" };
  };
  const process = { env: { A: "of a module that takes time to load" } };
  const Deno = { permissions: { querySync }, env };
  withGlobals({ process, Deno }, () => {
    assert.deepEqual(["A", "B"].map(deno.variable), ["1", undefined]);
  });
  assert.deepEqual(read, ["A"]);
  withGlobals({ process, Deno: {} }, () => {
    assert.equal(deno.variable("A"), undefined);
  });
});

test("exportsTelemetry() is true while Deno's own provider is registered", () => {
  const tracerProvider = {};
  const api = Symbol.for("opentelemetry.js.api.1");
  const Deno = { telemetry: { tracerProvider } };
  for (const [trace, expected] of [[tracerProvider, true], [{}, false]]) {
    withGlobals({ Deno, [api]: { trace } }, () => {
      assert.equal(deno.exportsTelemetry(), expected);
    });
  }
  withGlobals({ Deno }, () => assert.equal(deno.exportsTelemetry(), false));
  withGlobals({ Deno: {} }, () => assert.equal(deno.exportsTelemetry(), false));
});

test("Program.endRequested() resolves at the first signal, and removes both listeners", async () => {
  for (const signal of ["SIGINT", "SIGTERM"]) {
    const listeners = new Map<string, () => void>();
    const process = {
      on(name: string, listener: () => void) {
        assert.equal(this, process);
        listeners.set(name, listener);
      },
      off(name: string, listener: () => void) {
        assert.equal(listeners.get(name), listener);
        listeners.delete(name);
      },
    };
    let requested: Promise<void> | undefined;
    withGlobals({ process }, () => requested = node.program().endRequested());
    assert.deepEqual([...listeners.keys()], ["SIGINT", "SIGTERM"]);
    listeners.get(signal)!();
    await requested;
    assert.equal(listeners.size, 0);
  }
});

test("Program.end() exits with the code", () => {
  const codes: number[] = [];
  const process = { exit: (code: number) => codes.push(code) };
  withGlobals({ process }, () => node.program().end(3));
  assert.deepEqual(codes, [3]);
});

test("Program.readText() returns a file, or throws", () => {
  const file = join(tmpdir(), `barograph-text-${process.pid}.txt`);
  writeFileSync(file, "häh");
  const program = node.program();
  assert.equal(program.readText(file), "häh");
  assert.throws(() => program.readText(`${file}.none`), { code: "ENOENT" });
  withGlobals({ process: undefined }, () => {
    const { readText, args, end } = node.program();
    assert.throws(() => readText(file), /this runtime cannot read files/);
    assert.deepEqual([args(), end(1)], [[], undefined]);
  });
});

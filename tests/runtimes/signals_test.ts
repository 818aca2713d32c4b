/** Signals that end a process: waiting spans are exported first. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runArgs } from "../support/programs.ts";
import { RUNTIME } from "./server.ts";

const timeout = 120_000;
const PROGRAM = fileURLToPath(new URL("signals_program.ts", import.meta.url));

/** Runs `work` with a collector; `answers` is whether it does. */
async function collecting(
  answers: boolean,
  work: (port: number, bodies: readonly string[]) => Promise<void>,
): Promise<void> {
  const bodies: string[] = [];
  const server: Server = createServer((request, response) => {
    let body = "";
    request.setEncoding("latin1");
    request.on("data", (chunk) => body += chunk);
    request.on("end", () => {
      bodies.push(body);
      if (answers) response.end();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await work((server.address() as { port: number }).port, bodies);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Runs the program until `signal` ends it. */
async function ended(
  port: number,
  mode: string,
  signal: NodeJS.Signals,
): Promise<{ how: unknown; output: string; seconds: number }> {
  const child = spawn(
    process.execPath,
    [...runArgs(PROGRAM), String(port), mode],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let output = "";
  child.stdout.on("data", (chunk) => output += String(chunk));
  const exit = once(child, "exit");
  while (!output.includes("ready")) await once(child.stdout, "data");
  const start = performance.now();
  child.kill(signal);
  const [code, by] = await exit;
  const seconds = (performance.now() - start) / 1000;
  return { how: by ?? code, output, seconds };
}

test("a signal exports the spans of all exporters, and ends the process", {
  timeout,
}, async () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    await collecting(true, async (port, bodies) => {
      const { how } = await ended(port, "", signal);
      assert.equal(how, signal);
      assert.equal(bodies.length, 2);
      assert.match(bodies.join(), /checkout/);
      assert.match(bodies.join(), /restock/);
    });
  }
});

test("a program that listens for a signal ends as it decides", {
  timeout,
}, async () => {
  const modes = ["once", "closes", "native", "native once", "late", "before"];
  modes.push("once before", "frozen", "first once");
  // Deno: listeners that cannot be counted leave the signal to the program.
  const unseen = RUNTIME === "deno" ? ["before", "once before", "frozen"] : [];
  for (const mode of modes) {
    await collecting(true, async (port, bodies) => {
      // The exit code is not checked: Deno's `node:child_process` reports the
      // signal that was sent, even if the child exits with a code.
      const { output } = await ended(port, mode, "SIGTERM");
      assert.match(output, /graceful/, mode);
      assert.doesNotMatch(output, /twice/, mode);
      assert.equal(bodies.length, unseen.includes(mode) ? 0 : 2, mode);
    });
  }
});

test(
  "listeners that end the process once they are alone do not prevent its end",
  {
    timeout,
  },
  async () => {
    for (const mode of ["exit hook", "late exit hook"]) {
      await collecting(true, async (port, bodies) => {
        const { how, output } = await ended(port, mode, "SIGTERM");
        assert.equal(how, "SIGTERM", mode);
        assert.match(output, /cleanup/, mode);
        assert.equal(bodies.length, 2, mode);
      });
    }
  },
);

test("SIGINT waits a second for a collector that does not answer", {
  timeout,
}, async () => {
  await collecting(false, async (port) => {
    const { how, seconds } = await ended(port, "", "SIGINT");
    assert.equal(how, "SIGINT");
    assert.ok(seconds < 4.5, `${seconds} s`); // less than SIGTERM's limit
  });
});

test("the option signals: false leaves signals alone", {
  timeout,
}, async () => {
  await collecting(true, async (port, bodies) => {
    const { how } = await ended(port, "off", "SIGTERM");
    assert.equal(how, "SIGTERM");
    assert.deepEqual(bodies, []);
  });
});

/** Tests of `listen` with a file at the path of its Unix socket. */
import assert from "node:assert/strict";
import { once } from "node:events";
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import * as http from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { systemTimers } from "../../src/base/mod.ts";
import { listen } from "../../src/platform/internal.ts";
import { getSecure, pem } from "../server/fixtures.ts";

const timeout = 120_000;
const options = { port: 0, hostname: "", timers: systemTimers };

async function inFolder(
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "barograph-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Leaves a socket at `path` as a killed program does: nobody listens. */
async function leaveSocket(path: string): Promise<void> {
  const server = createServer().listen(`${path}.live`);
  await once(server, "listening");
  linkSync(`${path}.live`, path);
  await new Promise((done) => server.close(done));
}

function bodyAt(socketPath: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = http.get({ socketPath, path: "/" }, (response) => {
      let text = "";
      response.on("data", (chunk) => text += chunk);
      response.on("end", () => resolve(text));
    });
    request.on("error", reject);
  });
}

test("listen() replaces a socket on which nobody listens", {
  timeout,
}, async () => {
  await inFolder(async (folder) => {
    const unix = join(folder, "app.sock");
    await leaveSocket(unix);
    const listener = await listen(() => new Response("hello"), {
      ...options,
      unix,
    });
    assert.equal(await bodyAt(unix), "hello");
    await listener.stop(1);
  });
});

test("listen() replaces no living socket, no file, no folder and no link", {
  timeout,
}, async () => {
  await inFolder(async (folder) => {
    const at = (name: string) => join(folder, name);
    const alive = createServer().listen(at("alive"));
    await once(alive, "listening");
    writeFileSync(at("file"), "precious");
    mkdirSync(at("folder"));
    await leaveSocket(at("stale"));
    symlinkSync(at("stale"), at("link"));
    const tls = {
      cert: pem("server.pem"),
      key: pem("server.key"),
      clientCa: pem("ca.pem"), // served by `node:https` on Deno
    };
    for (const more of [{}, { tls }]) {
      for (const name of ["alive", "file", "folder", "link"]) {
        const unix = at(name);
        const started = listen(() => new Response(), {
          ...options,
          ...more,
          unix,
        });
        await assert.rejects(started, (error: Error) => {
          assert.equal((error as { fault?: string }).fault, "port_in_use");
          assert.match(error.message, /is in use; .* or give another path$/);
          assert.doesNotMatch(error.message, /port/);
          return true;
        });
        assert.ok(existsSync(unix), name);
      }
    }
    assert.equal(readFileSync(at("file"), "utf8"), "precious");
    await new Promise((done) => alive.close(done));
  });
});

test("listen() serves TLS on a socket, and nothing else", {
  timeout,
}, async () => {
  await inFolder(async (folder) => {
    const unix = join(folder, "app.sock");
    const tls = { cert: pem("server.pem"), key: pem("server.key") };
    const listener = await listen(() => new Response("hello"), {
      ...options,
      tls,
      unix,
    });
    assert.equal((await getSecure(0, "/", { socketPath: unix })).text, "hello");
    await assert.rejects(bodyAt(unix));
    await listener.stop(1);
  });
});

test("listen() reports a path that cannot be a socket, without ports", {
  timeout,
}, async () => {
  await inFolder(async (folder) => {
    for (const name of ["none/app.sock", "x".repeat(200)]) {
      const unix = join(folder, name);
      const tls = { cert: pem("server.pem"), key: pem("server.key") };
      for (const more of [{}, { tls }]) {
        await assert.rejects(
          listen(() => new Response(), { ...options, ...more, unix }),
          /failed; give a path of fewer than 104 bytes in a folder that exists$/,
        );
      }
    }
  });
});

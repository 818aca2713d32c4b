/** What is asked about sockets does not confuse the module loader of Node 22. */
import assert from "node:assert/strict";
import { once } from "node:events";
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { systemTimers } from "../../src/base/mod.ts";
import { fleetPlatform, listen } from "../../src/platform/internal.ts";

/** Calls `work`; checks that modules behind a link are found as before. */
async function keepsLinks(
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync("/tmp/links-");
  try {
    mkdirSync(join(folder, "real"));
    symlinkSync(join(folder, "real"), join(folder, "link"));
    const place = async (name: string): Promise<string> => {
      writeFileSync(
        join(folder, "real", `${name}.mjs`),
        "export default import.meta.url;",
      );
      const url = pathToFileURL(join(folder, "link", `${name}.mjs`));
      const { default: own } = await import(url.href) as { default: string };
      return own.replace(`${name}.mjs`, "");
    };
    const before = await place("before");
    await work(folder);
    assert.equal(await place("after"), before);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("a claim of a slot that is checked leaves links as they are", () =>
  keepsLinks(async (folder) => {
    const platform = fleetPlatform(systemTimers)!;
    const directory = join(folder, "fleet");
    platform.prepare(directory);
    const claim = await platform.claims.claim(directory, 0);
    assert.equal(claim!.isHeld(), true);
    claim!.release();
  }));

test("a server that takes over a socket leaves links as they are", () =>
  keepsLinks(async (folder) => {
    const path = join(folder, "socket");
    const dead = createServer().listen(`${path}.live`);
    await once(dead, "listening");
    linkSync(`${path}.live`, path);
    await new Promise((done) => dead.close(done));
    const server = await listen(() => new Response("hello"), {
      unix: path,
      port: 0,
      hostname: "",
      timers: systemTimers,
    });
    await server.stop(0);
  }));

/** Directories that cannot be used: a member answers with its own numbers. */
import assert from "node:assert/strict";
import {
  chmodSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { joinFleet } from "../../../src/fleet/mod.ts";
import { metricsHandler } from "../../../src/http/mod.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { RUNTIME } from "../../runtimes/server.ts";
import { ended, start } from "../../support/programs.ts";
import { skippedUnless } from "../../support/rounds.ts";
import { warnings } from "./host.ts";

const timeout = 120_000;
const options = { service: "shop" };

/** Returns the warnings of a registry that joins in `dir`, and its scrape. */
async function attempt(dir: string) {
  const registry = createRegistry();
  registry.counter({ name: "shop_orders_total", help: "Orders." }).inc(3);
  let text = "";
  const texts = await warnings(async () => {
    using _fleet = await joinFleet(registry, { ...options, dir });
    const request = new Request("http://localhost/metrics");
    text = await (await metricsHandler(registry)(request)).text();
  });
  assert.match(text, /^shop_orders_total 3$/m);
  return { texts, text };
}

test(
  "a directory that is a file, is missing, or that others may enter, is refused with advice",
  {
    timeout,
  },
  async () => {
    const dir = mkdtempSync(join(tmpdir(), "b-"));
    try {
      assert.deepEqual((await attempt(dir)).texts, []);
      const [name] = readdirSync(dir) as [string];
      const path = join(dir, name);
      assert.match(name, new RegExp(`^barograph-${process.getuid!()}-shop-`));
      chmodSync(path, 0o755);
      const open = await attempt(dir);
      assert.equal(open.texts.length, 1);
      assert.match(open.texts[0]!, /other users may enter it.*chmod 700/);
      assert.deepEqual(open.text.match(/^barograph_fleet.*$/gm), [
        'barograph_fleet_publish_failures_total{reason="FLEET_DIRECTORY"} 1',
      ]);
      rmSync(path, { recursive: true });
      writeFileSync(path, "");
      assert.equal((await attempt(dir)).texts.length, 1);
      const below = await attempt(join(path, "below"));
      assert.equal(below.texts.length, 1);
      assert.match(below.texts[0]!, /option `dir`; this process answers with/);
      const illegal = await attempt(`${dir}/\0`);
      assert.equal(illegal.texts.length, 1);
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  },
);

test("each user of a host has a fleet of one service", {
  timeout,
  ...skippedUnless(
    process.getuid?.() === 0,
    "only root can become another user",
  ),
}, async () => {
  const dir = mkdtempSync(join(tmpdir(), "b-"));
  try {
    chmodSync(dir, 0o1777);
    const users = [0, 65_534, 65_533];
    for (const user of users) {
      const program = "tests/fleet/member/programs/joins_as_user.ts";
      const { stdout, stderr } = await ended(start(program, [String(user)], {
        variables: { FLEET_DIR: dir },
        permissions: ["-A"],
      }));
      assert.equal(stdout, "member 0\n", stderr);
      assert.equal(stderr, "");
    }
    const owners = readdirSync(dir).map((name) => {
      const { uid, mode } = lstatSync(join(dir, name));
      assert.equal(mode & 0o777, 0o700);
      assert.ok(name.startsWith(`barograph-${uid}-shop-`), name);
      return uid;
    });
    assert.deepEqual(owners.sort(), users.sort());
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});

// Only Deno has permissions for files.
if (RUNTIME === "deno") {
  test(
    "without a permission a program runs on, and says once what is missing",
    {
      timeout,
    },
    async () => {
      const dir = mkdtempSync(join(tmpdir(), "b-"));
      try {
        const variables = { FLEET_DIR: dir };
        for (const granted of [[], ["--allow-read"], ["--allow-write"]]) {
          const permissions = ["--allow-env", ...granted];
          const program = "tests/fleet/real/programs/joins_once.ts";
          const { code, stdout, stderr } = await ended(
            start(program, [], { variables, permissions }),
          );
          assert.equal(code, 0, stderr);
          assert.equal(stdout, "counted\n");
          assert.equal(
            stderr.match(/cannot join the fleet/g)?.length,
            1,
            stderr,
          );
          assert.match(stderr, /--allow-(read|write)/);
        }
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    },
  );
}

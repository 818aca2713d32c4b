/** Faults of a real file system under members: disks, links and directories. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { joinFleet } from "../../../src/fleet/mod.ts";
import { metricsHandler } from "../../../src/http/mod.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { FakeTimers } from "../../../src/testing/mod.ts";
import { RUNTIME } from "../../runtimes/server.ts";
import { ended, start } from "../../support/programs.ts";
import { skippedUnless } from "../../support/rounds.ts";
import { valueIn, warnings } from "./host.ts";

const timeout = 120_000;
const FAILURES = "barograph_fleet_publish_failures_total";

/** Members of this process, whose time the test decides. */
class Members {
  readonly dir: string = mkdtempSync(join(tmpdir(), "b-"));
  readonly timers = new FakeTimers();

  /** Starts a member, whose registry counts `value` orders. */
  async join(value: number) {
    const { clock } = this.timers;
    const registry = createRegistry({ clock, selfMetrics: false });
    const orders = registry.counter({ name: "orders_total", help: "Orders." });
    orders.inc(value);
    const answer = metricsHandler(registry, { clock, prepare: false });
    const { dir, timers } = this;
    const options = { service: "shop", dir, clock, timers };
    const fleet = await joinFleet(registry, options);
    const scrape = async (): Promise<string> => {
      const response = await answer(new Request("http://localhost/metrics"));
      assert.equal(response.status, 200);
      return await response.text();
    };
    const total = async () => valueIn(await scrape(), "orders_total");
    return { registry, fleet, orders, scrape, total };
  }

  /** The directory of the fleet. */
  get directory(): string {
    const [name] = readdirSync(this.dir).filter((it) => /^barograph/.test(it));
    return join(this.dir, name!);
  }

  /** Lets time pass until `isDone`; claims take real time, too. */
  async until(isDone: () => boolean | Promise<boolean>): Promise<void> {
    const end = Date.now() + 20_000;
    while (!await isDone()) {
      assert.ok(Date.now() < end, "it does not happen");
      this.timers.advance(0.25);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}

async function withMembers(
  work: (members: Members) => Promise<void>,
): Promise<void> {
  const members = new Members();
  try {
    await work(members);
  } finally {
    members.remove();
  }
}

function mount(directory: string): boolean {
  const args = ["-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs", directory];
  return process.getuid?.() === 0 && spawnSync("mount", args).status === 0;
}

function canMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), "b-"));
  const isMounted = mount(directory);
  if (isMounted) spawnSync("umount", [directory]);
  rmSync(directory, { recursive: true });
  return isMounted;
}

test(
  "on a disk that is full from the start, a member answers for itself until there is room",
  {
    timeout,
    ...skippedUnless(canMount(), "only root can mount a small file system"),
  },
  () =>
    withMembers(async (members) => {
      const { dir } = members;
      assert.ok(mount(dir));
      try {
        const filler = join(dir, "filler");
        assert.throws(() => writeFileSync(filler, new Uint8Array(100_000)));
        const texts = await warnings(async () => {
          const one = await members.join(3);
          assert.equal(one.fleet.member, undefined);
          assert.equal(await one.total(), 3);
          const text = await one.scrape();
          assert.equal(valueIn(text, `${FAILURES}{reason="ENOSPC"}`), 1, text);
          rmSync(filler);
          await members.until(() => one.fleet.member !== undefined);
          const two = await members.join(4);
          for (const it of [one, two]) assert.equal(await it.total(), 7);
          // It fills up again, while the members run.
          assert.throws(() => writeFileSync(filler, new Uint8Array(100_000)));
          const wide = one.registry.counter({
            name: "wide_total",
            help: "Wide.",
            labels: ["n"],
          });
          for (let n = 0; n < 500; n++) wide.with({ n: String(n) }).inc();
          assert.equal(one.fleet.flush(), false);
          for (const it of [one, two]) assert.equal(await it.total(), 7);
          rmSync(filler);
          await members.until(() => one.fleet.flush());
          assert.equal(
            valueIn(await two.scrape(), 'wide_total{n="499"}'),
            1,
          );
          one.fleet.leave();
          two.fleet.leave();
        });
        assert.equal(texts.length, 2, `${texts}`);
        assert.match(texts[0]!, /cannot join the fleet: .*(ENOSPC|No space)/);
        assert.match(texts[1]!, /cannot publish to the fleet: /);
      } finally {
        spawnSync("umount", ["--lazy", dir]);
      }
    }),
);

test(
  "a directory that is removed is made again, with a claim for each member",
  {
    timeout,
  },
  () =>
    withMembers(async (members) => {
      const one = await members.join(1);
      const two = await members.join(2);
      assert.equal(await one.total(), 3);
      await warnings(async () => {
        rmSync(members.directory, { recursive: true });
        const three = await members.join(4);
        assert.equal(three.fleet.member, 0);
        for (const it of [one, two]) {
          it.orders.inc(10);
          await it.scrape();
        }
        const all = [one, two, three];
        await members.until(async () => {
          const texts = await Promise.all(all.map((it) => it.scrape()));
          return texts.every((text) =>
            valueIn(text, "barograph_fleet_members") === 3 &&
            valueIn(text, "orders_total") === 27
          );
        });
        const slots = new Set(all.map(({ fleet }) => fleet.member));
        assert.equal(slots.size, 3);
        for (const { fleet } of all) fleet.leave();
      });
      assert.equal(members.timers.pending, 0);
    }),
);

test(
  "links and other files in place of a slot are replaced, and nothing is written through them",
  {
    timeout,
  },
  async () => {
    const ways: Readonly<
      Record<string, (path: string, victim: string) => void>
    > = {
      "a link to a file": (path, victim) => symlinkSync(victim, path),
      "a link to another slot": (path) =>
        symlinkSync(path.replace(/.$/, "1"), path),
      "a link to nothing": (path) => symlinkSync(`${path}-none`, path),
      "a link to itself": (path) => symlinkSync(path, path),
      "another file": (path) => writeFileSync(path, "x".repeat(10_000)),
      "an empty file": (path) => writeFileSync(path, ""),
    };
    for (const [way, replace] of Object.entries(ways)) {
      await withMembers(async (members) => {
        const one = await members.join(1);
        const two = await members.join(2);
        const path = join(members.directory, "s0");
        const victim = join(members.dir, "victim");
        writeFileSync(victim, "precious");
        await warnings(async () => {
          assert.equal(await two.total(), 3);
          rmSync(path);
          replace(path, victim);
          assert.equal(await two.total(), 3, way);
          one.orders.inc(1);
          assert.equal(await one.total(), 4, way);
          assert.equal(await two.total(), 4, way);
          assert.ok(lstatSync(path).isFile(), way);
          one.fleet.leave();
          two.fleet.leave();
        });
        assert.equal(readFileSync(victim, "utf8"), "precious", way);
      });
    }
  },
);

test("growth does not write through a link with the name of the new file", {
  timeout,
}, () =>
  withMembers(async (members) => {
    const one = await members.join(1);
    const victim = join(members.dir, "victim");
    writeFileSync(victim, "precious");
    const path = join(members.directory, "s0");
    symlinkSync(victim, `${path}.new`);
    truncateSync(path, 100); // so that a new file is needed
    one.orders.inc(1);
    assert.equal(await one.total(), 2);
    assert.equal(readFileSync(victim, "utf8"), "precious");
    assert.ok(!readdirSync(members.directory).includes("s0.new"));
    one.fleet.leave();
  }));

test(
  "a directory in place of a slot is counted, and its owner goes on when it has gone",
  {
    timeout,
  },
  () =>
    withMembers(async (members) => {
      const one = await members.join(1);
      const two = await members.join(2);
      for (const it of [one, two]) await it.scrape();
      const path = join(members.directory, "s0");
      const texts = await warnings(async () => {
        rmSync(path);
        mkdirSync(path);
        one.orders.inc(5);
        assert.equal(one.fleet.flush(), false);
        for (const it of [one, two]) assert.equal(await it.total(), 3);
        one.fleet.leave();
        // It cannot be used, so a joiner takes another slot.
        const three = await members.join(4);
        assert.equal(three.fleet.member, 2);
        rmSync(path, { recursive: true });
        three.fleet.leave();
        const again = await members.join(8);
        assert.equal(again.fleet.member, 0);
        again.fleet.leave();
      });
      assert.ok(texts.some((text) => /cannot publish/.test(text)), `${texts}`);
      two.fleet.leave();
    }),
);

test(
  "on Deno, a member whose permission is revoked answers with what was published",
  {
    timeout,
    ...skippedUnless(RUNTIME === "deno", "only Deno has permissions"),
  },
  () =>
    withMembers(async ({ dir }) => {
      const program = "tests/fleet/member/programs/revokes.ts";
      const permissions = ["--allow-env", "--allow-read", "--allow-write"];
      const { code, stdout, stderr } = await ended(
        start(program, [], { variables: { FLEET_DIR: dir }, permissions }),
      );
      assert.equal(code, 0, stderr);
      assert.deepEqual(JSON.parse(stdout), [
        { total: 1, failures: null },
        { total: 1, failures: 1 },
        { total: 1, failures: 2 },
      ]);
      assert.equal(stderr.match(/cannot publish to the fleet/g)?.length, 1);
    }),
);

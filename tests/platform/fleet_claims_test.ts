/** Claims of slots by real processes and Workers, which are killed and frozen. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { systemTimers } from "../../src/base/mod.ts";
import { fleetPlatform } from "../../src/platform/internal.ts";
import { FakeTimers } from "../../src/testing/mod.ts";
import { runArgs } from "../support/programs.ts";
import { skippedUnless } from "../support/rounds.ts";
import { RUNTIME } from "../runtimes/server.ts";

const timeout = 120_000;
const PROGRAM = fileURLToPath(new URL("fleet_program.ts", import.meta.url));
const { claims, prepare, scheme } = fleetPlatform(systemTimers)!;

/** Runs `work` with a directory, and kills the processes that it has started. */
async function inDirectory(
  work: (directory: string, start: Start) => Promise<void>,
): Promise<void> {
  const parent = mkdtempSync("/tmp/slots-");
  const directory = `${parent}/fleet`;
  prepare(directory);
  const children: ChildProcess[] = [];
  const start: Start = async (mode, more = "") => {
    // A permission for the directory is all that Deno needs.
    const permissions = mode === "worker"
      ? ["-A"]
      : [`--allow-read=${directory}`, `--allow-write=${directory}`];
    const child = spawn(
      process.execPath,
      [...runArgs(PROGRAM, permissions), mode, directory, more],
      { stdio: ["pipe", "pipe", "inherit"] },
    );
    children.push(child);
    let output = "";
    for await (const chunk of child.stdout!) {
      output += String(chunk);
      const [, slot] = /slot (\d+)\./.exec(output) ?? [];
      if (slot !== undefined) return { child, slot: Number(slot) };
    }
    throw new Error(`no slot was claimed: ${output}`);
  };
  try {
    await work(directory, start);
  } finally {
    for (const child of children) child.kill("SIGKILL");
    rmSync(parent, { recursive: true });
  }
}

type Start = (
  mode: string,
  more?: string,
) => Promise<{ readonly child: ChildProcess; readonly slot: number }>;

async function killed(child: ChildProcess): Promise<void> {
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

/** Resolves once nobody owns a slot: the kernel may need a moment. */
async function isFree(directory: string, slot: number): Promise<void> {
  while (await claims.isOwned(directory, slot)) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

test(
  "a slot is claimed once, and again after its release",
  { timeout },
  () =>
    inDirectory(async (directory) => {
      assert.equal(await claims.isOwned(directory, 0), false);
      const first = await claims.claim(directory, 0);
      assert.ok(first);
      assert.equal(await claims.claim(directory, 0), undefined);
      assert.equal(await claims.isOwned(directory, 0), true);
      assert.equal(await claims.isOwned(directory, 1), false);
      const other = await claims.claim(directory, 10);
      assert.equal(await claims.isOwned(directory, 1), false);
      first.release();
      first.release();
      await isFree(directory, 0);
      const second = await claims.claim(directory, 0);
      assert.ok(second);
      first.release(); // it has nothing to do with the second one
      assert.equal(await claims.isOwned(directory, 0), true);
      second.release();
      other!.release();
    }),
);

test(
  "a claim is held until its file is removed or replaced",
  { timeout },
  () =>
    inDirectory(async (directory) => {
      const removals: ((path: string) => void)[] = [
        (path) => rmSync(path),
        (path) => {
          rmSync(path);
          writeFileSync(path, "");
        },
        () => {
          rmSync(directory, { recursive: true });
          writeFileSync(directory, "");
        },
      ];
      for (const remove of removals) {
        const claim = (await claims.claim(directory, 0))!;
        assert.equal(claim.isHeld(), true);
        const [name] = readdirSync(directory);
        remove(`${directory}/${name}`);
        assert.equal(claim.isHeld(), false);
        claim.release();
        assert.equal(claim.isHeld(), false);
      }
    }),
);

test("of claims that are made at the same time, one gets the slot", {
  timeout,
}, () =>
  inDirectory(async (directory) => {
    for (let round = 0; round < 20; round++) {
      const all = await Promise.all(
        Array.from({ length: 8 }, () => claims.claim(directory, 3)),
      );
      const held = all.filter((claim) => claim !== undefined);
      assert.equal(held.length, 1);
      assert.equal(await claims.isOwned(directory, 3), true);
      held[0]!.release();
      await isFree(directory, 3);
    }
    assert.equal(readdirSync(directory).length, 1);
  }));

test(
  "eight processes that start at once have eight slots, whatever died before",
  {
    timeout,
  },
  () =>
    inDirectory(async (directory, start) => {
      for (let round = 0; round < 2; round++) {
        const all = await Promise.all(
          Array.from({ length: 8 }, () => start("hold")),
        );
        const slots = all.map(({ slot }) => slot).sort();
        assert.deepEqual(slots, [0, 1, 2, 3, 4, 5, 6, 7]);
        await Promise.all(all.map(({ child }) => killed(child)));
        for (const slot of slots) await isFree(directory, slot);
        assert.equal(readdirSync(directory).length, 8);
      }
    }),
);

test("processes that are killed and started again never share a slot", {
  timeout,
}, () =>
  inDirectory(async (_, start) => {
    const owners = new Map<number, ChildProcess>();
    const member = async (seed: number): Promise<void> => {
      for (let life = 0; life < 3; life++) {
        const { child, slot } = await start("hold");
        // An owner that was killed here has ended before.
        assert.ok(owners.get(slot) === undefined, `slot ${slot} twice`);
        assert.ok(slot < 6, `slot ${slot} of six members`);
        owners.set(slot, child);
        await new Promise((done) => setTimeout(done, (life * seed * 37) % 90));
        // The next owner may be there as soon as the process has ended.
        owners.delete(slot);
        await killed(child);
      }
    };
    await Promise.all([1, 2, 3, 4, 5, 6].map(member));
  }));

test("a frozen process owns its slot, however often it is asked", {
  timeout,
}, () =>
  inDirectory(async (directory, start) => {
    const { child, slot } = await start("hold");
    assert.equal(slot, 0);
    process.kill(child.pid!, "SIGSTOP");
    // More than wait to be accepted by a socket.
    for (let i = 0; i < 700; i++) {
      assert.equal(await claims.isOwned(directory, 0), true, `${i}`);
    }
    assert.equal(await claims.claim(directory, 0), undefined);
    const other = await start("hold");
    assert.equal(other.slot, 1);
    await killed(child);
    await isFree(directory, 0);
    assert.equal((await start("hold")).slot, 0);
  }));

test("a process that claims a slot ends by itself, and frees it", {
  timeout,
}, () =>
  inDirectory(async (directory, start) => {
    const { child, slot } = await start("leave");
    assert.equal(slot, 0);
    const [code] = child.exitCode === null
      ? await once(child, "exit")
      : [child.exitCode];
    assert.equal(code, 0);
    await isFree(directory, 0);
  }));

test("a Worker that is terminated frees its slot", { timeout }, async () => {
  const kinds = RUNTIME === "node" ? ["thread"] : ["thread", "web"];
  for (const kind of kinds) {
    await inDirectory(async (directory, start) => {
      const { child, slot } = await start("worker", kind);
      assert.equal(slot, 0);
      assert.equal(await claims.isOwned(directory, 0), true);
      child.stdin!.write("terminate\n");
      await isFree(directory, 0);
      assert.equal(child.exitCode, null); // the process lives on
    });
  }
});

test("names of dead owners are removed by the next one", {
  timeout,
  ...skippedUnless(
    scheme === "socket",
    "only Bun and Node claim slots by names",
  ),
}, () =>
  inDirectory(async (directory) => {
    const old = "u0123456789ab";
    const young = "uba9876543210";
    for (const name of ["s0.1", "s0.7", "s00.9", "s1.30", old, young, "s0"]) {
      writeFileSync(`${directory}/${name}`, "");
    }
    utimesSync(`${directory}/${old}`, 1, 1);
    const claim = await claims.claim(directory, 0);
    assert.ok(claim);
    assert.deepEqual(
      readdirSync(directory).sort(),
      ["s0", "s0.8", "s00.9", "s1.30", young],
    );
    claim.release();
    // The highest number must not fall, or an earlier claim could come back.
    assert.deepEqual(
      readdirSync(directory).sort(),
      ["s0", "s0.8", "s00.9", "s1.30", young],
    );
  }));

test(
  "a directory that has gone is an error of a claim",
  { timeout },
  async () => {
    await assert.rejects(claims.claim("/tmp/no-such-fleet", 0));
  },
);

test("an owner marks its claim as used, until it releases it", {
  timeout,
}, () =>
  inDirectory(async (directory) => {
    const timers = new FakeTimers();
    const claim = await fleetPlatform(timers)!.claims.claim(directory, 0);
    const [name] = readdirSync(directory);
    const lastChange = () => {
      const path = `${directory}/${name}`;
      const { ctimeNs, mtimeNs } = lstatSync(path, { bigint: true });
      return ctimeNs > mtimeNs ? ctimeNs : mtimeNs;
    };
    for (let hour = 0; hour < 2; hour++) {
      const before = lastChange();
      await new Promise((resolve) => setTimeout(resolve, 20));
      timers.advance(3600);
      assert.ok(lastChange() > before);
    }
    claim!.release();
    assert.equal(timers.pending, 0);
  }));

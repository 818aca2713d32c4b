/** The directory of a fleet: made for the user alone, or refused. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { systemTimers } from "../../src/base/mod.ts";
import * as deno from "../../src/platform/deno.ts";
import {
  type DirectoryCalls,
  prepareDirectory,
} from "../../src/platform/fleet_directory.ts";
import {
  type FleetPlatform,
  fleetPlatform,
} from "../../src/platform/internal.ts";
import * as workerd from "../../src/platform/workerd.ts";
import { runArgs } from "../support/programs.ts";
import { skippedUnless } from "../support/rounds.ts";
import { RUNTIME } from "../runtimes/server.ts";
import { withGlobals } from "./fixtures.ts";

const NOBODY = 65_534;
const PROGRAM = fileURLToPath(new URL("fleet_program.ts", import.meta.url));
const platform = fleetPlatform(systemTimers)!;
const asRoot = skippedUnless(
  process.getuid?.() === 0,
  "only root can give files to another user",
);

function inDirectory(work: (parent: string) => void): void {
  const parent = mkdtempSync("/tmp/fleet-");
  try {
    work(parent);
  } finally {
    rmSync(parent, { recursive: true });
  }
}

test("prepare() makes directories that only the user may enter", () => {
  inDirectory((parent) => {
    const directory = `${parent}/user/service`;
    const mask = process.umask(0);
    try {
      platform.prepare(directory);
    } finally {
      process.umask(mask);
    }
    platform.prepare(directory); // an existing one is used
    for (const path of [directory, `${parent}/user`]) {
      assert.equal(lstatSync(path).mode & 0o777, 0o700, path);
    }
    assert.deepEqual(readdirSync(directory), []);
  });
});

test("user() is the owner of new files, and leaves none behind", () => {
  inDirectory((parent) => {
    const { user } = platform;
    assert.equal(user(parent), String(process.getuid!()));
    assert.deepEqual(readdirSync(parent), []);
    const below = `${parent}/run/fleet/`;
    assert.equal(user(below), String(process.getuid!()));
    assert.equal(lstatSync(below).mode & 0o777, 0o700);
    assert.deepEqual(readdirSync(below), []);
    writeFileSync(`${parent}/file`, "");
    assert.throws(() => user(`${parent}/file`), /cannot be made/);
  });
  assert.throws(() => platform.user("/proc"), /cannot be written.*`dir`$/);
});

test("prepare() refuses a directory that others may enter", () => {
  for (const mode of [0o755, 0o710, 0o701, 0o770]) {
    inDirectory((parent) => {
      const directory = `${parent}/fleet`;
      mkdirSync(directory);
      chmodSync(directory, mode);
      assert.throws(() => platform.prepare(directory), {
        message: `the directory ${directory} of the fleet cannot be used: ` +
          `other users may enter it (mode ${
            mode.toString(8)
          }); run chmod 700 ` +
          `on it, or give another one as option \`dir\``,
      });
      assert.deepEqual(readdirSync(directory), []);
    });
  }
});

test("prepare() refuses a link and a file in place of the directory", () => {
  inDirectory((parent) => {
    mkdirSync(`${parent}/other`, { mode: 0o700 });
    symlinkSync(`${parent}/other`, `${parent}/link`);
    writeFileSync(`${parent}/file`, "");
    assert.throws(() => platform.prepare(`${parent}/link`), /or a link/);
    assert.throws(() => platform.prepare(`${parent}/link/`), /or a link/);
    assert.throws(() => platform.prepare(`${parent}/file`), /cannot be made/);
    assert.throws(() => platform.prepare(`${parent}/file/x`), /cannot be made/);
    assert.deepEqual(readdirSync(`${parent}/other`), []);
  });
});

test("prepare() refuses the directory of another user", asRoot, () => {
  inDirectory((parent) => {
    const directory = `${parent}/user/service`;
    platform.prepare(directory);
    chownSync(directory, NOBODY, NOBODY);
    assert.throws(
      () => platform.prepare(directory),
      /belongs to another user; remove it/,
    );
    chownSync(directory, 0, 0);
    chownSync(`${parent}/user`, NOBODY, NOBODY);
    assert.throws(
      () => platform.prepare(directory),
      new RegExp(`${parent}/user belongs to another user, who could`),
    );
    assert.deepEqual(readdirSync(directory), []);
  });
});

/** Calls on a directory of the user, except some. */
function calls(others: Partial<DirectoryCalls>): DirectoryCalls {
  return {
    make: () => {},
    facts: () => ({ isDirectory: true, mode: 0o40700, owner: 1000 }),
    makeFile: () => {},
    remove: () => {},
    ...others,
  };
}

test("a directory that cannot be written is refused with the reason", () => {
  const fail = (message: string) => () => {
    throw new Error(message);
  };
  const prepare = (others: Partial<DirectoryCalls>) => () =>
    prepareDirectory(calls(others), "/tmp/user/service");
  assert.doesNotThrow(prepare({}));
  assert.throws(prepare({ make: fail("EROFS") }), /cannot be made: EROFS/);
  assert.throws(prepare({ facts: fail("EACCES") }), /cannot be read: EACCES/);
  for (const code of ["ENOSPC", "EROFS", "EACCES"]) {
    const message = new RegExp(`cannot be written: ${code}`);
    assert.throws(prepare({ makeFile: fail(code) }), message);
  }
});

test("a directory above that is root's or unreadable is accepted", () => {
  const above = (facts: ReturnType<DirectoryCalls["facts"]>) => () =>
    prepareDirectory(
      calls({
        facts: (path) =>
          path === "/tmp/user" ? facts : {
            isDirectory: true,
            mode: 0o40700,
            owner: 1000,
          },
      }),
      "/tmp/user/service",
    );
  assert.doesNotThrow(above(undefined));
  assert.doesNotThrow(above({ isDirectory: true, mode: 0o777, owner: 0 }));
  assert.doesNotThrow(above({ isDirectory: true, mode: 0o755, owner: 1000 }));
  assert.throws(
    above({ isDirectory: true, mode: 0o755, owner: 1001 }),
    /\/tmp\/user belongs to another user/,
  );
  // Files of Windows have no owner.
  assert.doesNotThrow(() =>
    prepareDirectory(
      calls({
        facts: () => ({ isDirectory: true, mode: undefined, owner: undefined }),
      }),
      "C:/tmp/user",
    )
  );
});

test("processes of containers that share a host name have different names", {
  ...skippedUnless(
    platform.scheme === "socket",
    "only Bun and Node read the namespace without a permission",
  ),
}, () => {
  const isLinux = process.platform === "linux";
  const namespace = isLinux ? readlinkSync("/proc/self/ns/pid") : "";
  assert.ok(platform.process.includes(namespace));
  assert.ok(platform.process.startsWith(hostname()));
  assert.ok(platform.process.endsWith(`:${process.pid}`));
});

test("a path that is too long for sockets is refused", {
  ...skippedUnless(
    platform.scheme === "socket",
    "only Bun and Node claim slots by sockets",
  ),
}, () => {
  inDirectory((parent) => {
    const path = (length: number) => `${parent}/`.padEnd(length, "d");
    platform.prepare(path(86));
    assert.throws(() => platform.prepare(path(87)), /87 bytes.* at most 86/);
    const wide = `${parent}/${"ü".repeat(40)}`;
    assert.throws(() => platform.prepare(wide), /at most 86; shorten it/);
  });
});

/** A `Deno` that has files, and that throws where the real one would prompt. */
function denoWithout(missing: readonly string[], called: string[]): unknown {
  const state = (name: string) => missing.includes(name) ? "prompt" : "granted";
  const prompts = (name: string) => (): never => {
    called.push(name);
    throw new Error("prompt");
  };
  return {
    pid: 7,
    FsFile: class {
      tryLockSync(): void {}
    },
    permissions: {
      querySync: ({ name }: { readonly name: string }) => ({
        state: state(name),
      }),
    },
    hostname: missing.includes("sys") ? prompts("hostname") : () => "host",
    mkdirSync: prompts("mkdir"),
    lstatSync: prompts("lstat"),
    openSync: prompts("open"),
  };
}

test(
  "on Deno, prepare() names the permissions that are missing, and never prompts",
  {
    ...skippedUnless(
      RUNTIME !== "deno",
      "only Bun and Node let tests replace the global Deno",
    ),
  },
  () => {
    for (const missing of [["read"], ["write"], ["read", "write"]]) {
      const called: string[] = [];
      withGlobals({ Deno: denoWithout([...missing, "sys"], called) }, () => {
        const fleet = deno.fleetPlatform(systemTimers)!;
        assert.equal(fleet.process, "7");
        const flags = missing.map((name) => `--allow-${name}=/tmp/user`);
        const message = (directory: string) =>
          `the directory ${directory} of the fleet cannot be used: ` +
          `a permission is missing; give ${flags.join(" ")}, ` +
          `or give another one as option \`dir\``;
        assert.throws(() => fleet.prepare("/tmp/user/service"), {
          message: message("/tmp/user/service"),
        });
        assert.throws(() => fleet.user("/tmp/user"), {
          message: message("/tmp/user"),
        });
      });
      assert.deepEqual(called, []);
    }
    withGlobals({ Deno: denoWithout([], []) }, () => {
      assert.equal(deno.fleetPlatform(systemTimers)!.process, "host:7");
    });
  },
);

test(
  "on Deno, no call of a fleet prompts in a terminal after a permission was revoked",
  {
    ...skippedUnless(
      RUNTIME !== "deno",
      "only Bun and Node let tests replace the global Deno",
    ),
  },
  async () => {
    for (const missing of ["read", "write"]) {
      const called: string[] = [];
      const Deno = {
        ...denoWithout([missing], called) as object,
        stdin: { isTerminal: () => true },
        renameSync: () => called.push("rename"),
        removeSync: () => called.push("remove"),
        readDirSync: () => called.push("list"),
      };
      let fleet!: FleetPlatform;
      withGlobals({ Deno }, () => {
        fleet = deno.fleetPlatform(systemTimers)!;
      });
      const { files, claims } = fleet;
      const error = {
        name: "NotCapable",
        message: /the permission to .* was revoked/,
      };
      assert.throws(() => files.open("/tmp/f/s0", "write"), error);
      assert.throws(() => files.open("/tmp/f/s0", "create"), error);
      assert.throws(() => files.rename("/tmp/f/s0.new", "/tmp/f/s0"), error);
      await assert.rejects(claims.claim("/tmp/f", 0), error);
      if (missing === "read") {
        assert.throws(() => files.open("/tmp/f/s0", "read"), error);
        assert.throws(() => files.list("/tmp/f"), error);
        await assert.rejects(claims.isOwned("/tmp/f", 0), error);
      } else {
        assert.throws(() => files.remove("/tmp/f/s0"), error);
      }
      assert.deepEqual(called.filter((call) => call !== "remove"), []);
    }
  },
);

test("on Deno, a program without permissions ends with the message", {
  timeout: 120_000,
  ...skippedUnless(RUNTIME === "deno", "only Deno has permissions"),
}, () => {
  const directory = "/tmp/fleet-user/service";
  const cases: readonly (readonly [string[], string])[] = [
    // Deno's `node:child_process` gives all permissions if none is named.
    [
      ["--allow-env=NO"],
      "--allow-read=/tmp/fleet-user --allow-write=/tmp/fleet-user",
    ],
    [["--allow-read"], "give --allow-write=/tmp/fleet-user,"],
    [["--allow-write=/tmp"], "give --allow-read=/tmp/fleet-user,"],
    [["--allow-read=/tmp", "--deny-write"], "give --allow-write="],
  ];
  for (const [permissions, message] of cases) {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      [...runArgs(PROGRAM, permissions), "prepare", directory],
      { encoding: "utf8" },
    );
    assert.equal(status, 0, stderr);
    assert.ok(stdout.includes(message), stdout);
  }
});

test("there is no fleet where there are no files", () => {
  assert.equal(workerd.fleetPlatform(), undefined);
  if (RUNTIME === "deno") return;
  withGlobals({ Deno: { pid: 1 } }, () => {
    assert.equal(deno.fleetPlatform(systemTimers), undefined);
  });
});

test(
  "a Worker on Deno that cannot read the command line guesses the main module",
  {
    ...skippedUnless(
      RUNTIME !== "deno",
      "only Bun and Node let tests replace the global Deno",
    ),
  },
  () => {
    let guesses = 0;
    const called: string[] = [];
    const globals = {
      Deno: denoWithout(["read", "sys"], called),
      WorkerGlobalScope: class {},
      location: { href: "file:///srv/worker.ts" },
    };
    withGlobals(globals, () => {
      const { mainPath } = deno.fleetPlatform(systemTimers)!;
      assert.equal(mainPath(() => guesses++), "file:///srv/worker.ts");
    });
    assert.deepEqual(called, []);
    assert.equal(guesses, 1);
  },
);

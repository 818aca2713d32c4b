/** Claims by sockets, with other members between any two of their steps. */
import assert from "node:assert/strict";
import * as fs from "node:fs";
import * as net from "node:net";
import { test } from "node:test";
import { systemTimers } from "../../src/base/mod.ts";
import {
  type Net,
  SocketClaims,
  type SocketFiles,
} from "../../src/platform/socket_claims.ts";

const timeout = 120_000;

/** Runs `work` with claims whose calls of files are replaced in part. */
async function withClaims(
  work: (directory: string, claims: Make) => Promise<void>,
): Promise<void> {
  const directory = fs.mkdtempSync("/tmp/sockets-");
  try {
    await work(
      directory,
      (files, isRefused) =>
        new SocketClaims(
          { ...(fs as SocketFiles), ...files },
          net as unknown as Net,
          systemTimers,
          isRefused,
        ),
    );
  } finally {
    fs.rmSync(directory, { recursive: true });
  }
}

type Make = (
  files?: Partial<SocketFiles>,
  isRefused?: () => Promise<boolean>,
) => SocketClaims;

/** Returns a `linkSync` that calls `before` first, with the new name. */
function linkAfter(before: (to: string) => void): Partial<SocketFiles> {
  return {
    linkSync(from, to) {
      before(to);
      fs.linkSync(from, to);
    },
  };
}

function failure(code: string): Error {
  return Object.assign(new Error(code), { code });
}

test("a claim that comes late withdraws before a higher number", {
  timeout,
}, () =>
  withClaims(async (directory, make) => {
    const late = make(linkAfter(() => {
      fs.writeFileSync(`${directory}/s0.5`, "");
    }));
    assert.equal(await late.claim(directory, 0), undefined);
    assert.deepEqual(fs.readdirSync(directory), ["s0.5"]);
  }));

test(
  "of two claims of one number, the first one holds",
  { timeout },
  () =>
    withClaims(async (directory, make) => {
      const second = make(linkAfter(() => {
        fs.writeFileSync(`${directory}/s0.1`, "");
      }));
      assert.equal(await second.claim(directory, 0), undefined);
      assert.deepEqual(fs.readdirSync(directory), ["s0.1"]);
      // Its owner has died since.
      const claim = await make().claim(directory, 0);
      assert.deepEqual(fs.readdirSync(directory), ["s0.2"]);
      claim!.release();
    }),
);

test(
  "a claim whose name was removed begins again",
  { timeout },
  () =>
    withClaims(async (directory, make) => {
      let removals = 0;
      const claims = make(linkAfter(() => {
        if (removals++ > 0) return;
        for (const name of fs.readdirSync(directory)) {
          fs.unlinkSync(`${directory}/${name}`);
        }
      }));
      const claim = await claims.claim(directory, 0);
      assert.equal(removals, 2);
      assert.deepEqual(fs.readdirSync(directory), ["s0.1"]);
      claim!.release();
      const unlucky = make({
        linkSync() {
          throw failure("ENOENT");
        },
      });
      assert.equal(await unlucky.claim(directory, 1), undefined);
    }),
);

test("a file system without links is an error, and nothing remains", {
  timeout,
}, () =>
  withClaims(async (directory, make) => {
    const claims = make({
      linkSync() {
        throw failure("EPERM");
      },
    });
    await assert.rejects(claims.claim(directory, 0), { code: "EPERM" });
    assert.deepEqual(fs.readdirSync(directory), []);
  }));

test("a name that the next owner removes is not taken for a dead one", {
  timeout,
}, () =>
  withClaims(async (directory, make) => {
    const owner = await make().claim(directory, 0);
    let lists = 0;
    const claims = make({
      // The first list is older than the owner.
      readdirSync: (path) =>
        lists++ === 0 ? ["s0.0", "s0.9"] : fs.readdirSync(path),
    });
    assert.equal(await claims.isOwned(directory, 0), true);
    assert.equal(lists, 2);
    owner!.release();
    const never = make({ readdirSync: () => ["s0.9"] });
    assert.equal(await never.isOwned(directory, 0), true);
  }));

test("a refused connection that is not confirmed is of a living owner", {
  timeout,
}, () =>
  withClaims(async (directory, make) => {
    fs.writeFileSync(`${directory}/s0.3`, "");
    const busy = make({}, () => Promise.resolve(false));
    assert.equal(await busy.isOwned(directory, 0), true);
    assert.equal(await busy.claim(directory, 0), undefined);
    assert.equal(await make().isOwned(directory, 0), false);
  }));

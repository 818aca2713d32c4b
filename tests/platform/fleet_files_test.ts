/** Files of slots: read and written at positions. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { lstatSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import process from "node:process";
import { test } from "node:test";
import { systemTimers } from "../../src/base/mod.ts";
import { fleetPlatform } from "../../src/platform/internal.ts";
import { skippedUnless } from "../support/rounds.ts";

const { files, process: name } = fleetPlatform(systemTimers)!;

function inDirectory(work: (directory: string) => void): void {
  const directory = mkdtempSync("/tmp/files-");
  try {
    work(directory);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function bytes(...values: number[]): Uint8Array {
  return new Uint8Array(values);
}

test("files are read and written at positions", () => {
  inDirectory((directory) => {
    const path = `${directory}/s0`;
    const file = files.open(path, "create");
    file.write(bytes(1, 2, 3), 2);
    file.write(bytes(9), 0);
    file.write(bytes(), 0);
    const into = new Uint8Array(8);
    assert.equal(file.read(into, 0), 5);
    assert.deepEqual(into, bytes(9, 0, 1, 2, 3, 0, 0, 0));
    assert.equal(file.read(into.subarray(6), 3), 2);
    assert.deepEqual(into, bytes(9, 0, 1, 2, 3, 0, 2, 3));
    assert.equal(file.read(into, 5), 0);
    assert.equal(file.read(into, 500), 0);
    assert.equal(file.read(bytes(), 0), 0);
    // An open file of another owner sees it at once.
    const reader = files.open(path, "read");
    file.write(bytes(7), 1);
    assert.equal(reader.read(into.subarray(0, 1), 1), 1);
    assert.equal(into[0], 7);
    assert.throws(() => reader.write(bytes(1), 0));
    reader.close();
    file.close();
    assert.equal(lstatSync(path).mode & 0o777, 0o600);
  });
});

test("a large block is written whole, after the end of the file too", () => {
  inDirectory((directory) => {
    const block = Uint8Array.from({ length: 3_000_000 }, (_, i) => i * 7);
    const file = files.open(`${directory}/s0`, "create");
    file.write(block, 5_000_000_000); // beyond 32 bits
    const into = new Uint8Array(block.length);
    assert.equal(file.read(into, 5_000_000_000), block.length);
    assert.deepEqual(into, block);
    file.close();
  });
});

test("only `create` makes a file, and empties one", () => {
  inDirectory((directory) => {
    const path = `${directory}/s0`;
    assert.throws(() => files.open(path, "read"));
    assert.throws(() => files.open(path, "write"));
    assert.deepEqual(files.list(directory), []);
    writeFileSync(path, "text");
    const file = files.open(path, "write");
    const into = new Uint8Array(9);
    assert.equal(file.read(into, 0), 4);
    file.write(bytes(1), 0);
    file.close();
    const again = files.open(path, "create");
    assert.equal(again.read(into, 0), 0);
    again.close();
  });
});

test("a file that is replaced remains what it was to those that have it open", () => {
  inDirectory((directory) => {
    const [path, next] = [`${directory}/s0`, `${directory}/next`];
    writeFileSync(path, "old");
    writeFileSync(next, "new");
    const old = files.open(path, "read");
    files.rename(next, path);
    assert.deepEqual(files.list(directory), ["s0"]);
    const into = new Uint8Array(3);
    old.read(into, 0);
    assert.equal(new TextDecoder().decode(into), "old");
    files.open(path, "read").read(into, 0);
    assert.equal(new TextDecoder().decode(into), "new");
    old.close();
    files.remove(path);
    assert.deepEqual(files.list(directory), []);
    assert.throws(() => files.remove(path));
    assert.throws(() => files.rename(path, next));
    assert.throws(() => files.list(path));
  });
});

function mount(directory: string): boolean {
  const args = ["-t", "tmpfs", "-o", "size=64k,mode=0700", "tmpfs", directory];
  return spawnSync("mount", args).status === 0;
}

const canMount = process.getuid?.() === 0 && (() => {
  const directory = mkdtempSync("/tmp/mount-");
  const isMounted = mount(directory);
  if (isMounted) spawnSync("umount", [directory]);
  rmSync(directory, { recursive: true });
  return isMounted;
})();

test(
  "a full disk is an error of the write, and works again once there is room",
  {
    ...skippedUnless(canMount, "only root can mount a small file system"),
  },
  () => {
    inDirectory((directory) => {
      assert.ok(mount(directory));
      try {
        const file = files.open(`${directory}/s0`, "create");
        file.write(new Uint8Array(30_000), 0);
        writeFileSync(`${directory}/other`, new Uint8Array(20_000));
        assert.throws(
          () => file.write(new Uint8Array(60_000).fill(1), 0),
          /ENOSPC|No space left/i,
        );
        files.remove(`${directory}/other`);
        file.write(new Uint8Array(50_000).fill(2), 0);
        const into = new Uint8Array(50_000);
        assert.equal(file.read(into, 0), 50_000);
        assert.ok(into.every((value) => value === 2));
        file.close();
      } finally {
        spawnSync("umount", [directory]);
      }
    });
  },
);

test("the name of the process has its pid", () => {
  assert.match(name, new RegExp(`(^|:)${process.pid}$`));
});

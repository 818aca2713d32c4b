/** The program itself, on this runtime. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ended, type Outcome, start } from "../support/programs.ts";
import { exposition } from "./fake_io.ts";

const timeout = 120_000;

/** Runs the program of this repository. */
async function run(...args: readonly string[]): Promise<Outcome> {
  return await ended(
    start("tests/cli/run_program.ts", args, { permissions: ["-A"] }),
  );
}

/** Serves expositions with rising counters. */
async function withTarget(
  work: (address: string) => Promise<void>,
): Promise<void> {
  let n = 0;
  const server: Server = createServer((_request, response) => {
    response.setHeader("content-type", "text/plain; version=0.0.4");
    response.end(exposition(++n));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as { port: number };
    await work(`127.0.0.1:${port}`);
  } finally {
    server.close();
  }
}

test("the program ends when the files of a running app are written", {
  timeout,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "barograph-cli-"));
  try {
    const { code, stdout, stderr } = await run(
      "dashboards",
      "tests/cli/app_fixture.ts",
      "--out",
      join(folder, "new"),
    );
    assert.equal(code, 0, stderr);
    const file = join(folder, "new", "app_fixture.json");
    assert.equal(stdout, `${file}\n`);
    assert.match(readFileSync(file, "utf8"), /shop_orders_total/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the program prints a target once into a pipe", { timeout }, async () => {
  await withTarget(async (address) => {
    const { code, stdout, stderr } = await run(
      "top",
      address,
      "--once",
      "--interval=0.1",
    );
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^shop_orders_total +\d+/m);
  });
});

test(
  "the program ends with the exit code of its command",
  { timeout },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "barograph-cli-"));
    try {
      const file = join(folder, "m.txt");
      writeFileSync(file, "a_ms 1\n");
      assert.equal((await run("lint", file)).code, 1);
      const { code, stderr } = await run("lint", join(folder, "none"));
      assert.equal(code, 2);
      assert.match(stderr, /^barograph: cannot read /);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

test(
  "the program ends when the reader of its output goes away",
  { timeout },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "barograph-cli-"));
    try {
      const file = join(folder, "m.txt");
      const lines = Array.from({ length: 5000 }, (_, i) => `fooBar${i}_ms 1\n`);
      writeFileSync(file, lines.join(""));
      const child = start("tests/cli/run_program.ts", ["lint", file], {
        permissions: ["-A"],
      });
      child.stdout!.once("data", () => child.stdout!.destroy());
      const { code, stderr } = await ended(child);
      assert.equal(stderr, "");
      assert.equal(code, 1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

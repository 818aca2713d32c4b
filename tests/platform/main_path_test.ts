/** The main module of a program, which names the fleet of its members. */
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { nodeMainPath } from "../../src/platform/main_path.ts";
import { skippedUnless } from "../support/rounds.ts";
import { RUNTIME } from "../runtimes/server.ts";

test(
  "the main module of a program that pm2 has loaded is that of the program",
  {
    ...skippedUnless(
      RUNTIME !== "deno",
      "only Bun and Node are started by pm2",
    ),
  },
  () => {
    const { argv, env } = process;
    const [, main] = argv;
    env["pm_exec_path"] = "/srv/shop.mjs";
    try {
      for (const loader of ["", "Fork", "Bun", "ForkBun"]) {
        argv[1] = `/usr/lib/node_modules/pm2/lib/ProcessContainer${loader}.js`;
        assert.equal(nodeMainPath(() => {}), "/srv/shop.mjs");
      }
      argv[1] = "/srv/child.mjs"; // inherits the variable
      assert.equal(nodeMainPath(() => {}), "/srv/child.mjs");
    } finally {
      argv[1] = main!;
      delete env["pm_exec_path"];
    }
  },
);

/** pm2 starts the processes of its file in both modes, and they count as one. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { env, execPath } from "node:process";
import { test } from "node:test";
import { RUNTIME } from "../../runtimes/server.ts";
import { ended, ROOT } from "../../support/programs.ts";
import { skippedUnless } from "../../support/rounds.ts";
import { FILES, freePorts, order, Recipe } from "./recipe.ts";

const PM2 = `${ROOT}tests/node_modules/pm2/bin/pm2`;

/** A daemon of pm2 with a folder of its own. */
class Daemon implements AsyncDisposable {
  readonly #home = mkdtempSync(join(tmpdir(), "barograph-pm2-"));

  /** Runs a command of pm2, with this Node as `node`. */
  async run(
    args: readonly string[],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const child = spawn(execPath, [PM2, ...args], {
      cwd: ROOT,
      env: {
        ...env,
        ...variables,
        PATH: `${dirname(execPath)}${delimiter}${env["PATH"]}`,
        PM2_HOME: this.#home,
      },
    });
    const { code, stdout, stderr } = await ended(child);
    assert.equal(code, 0, stdout + stderr);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run(["kill"]);
    rmSync(this.#home, { recursive: true });
  }
}

test("processes of pm2 in the modes cluster and fork count as one", {
  timeout: 120_000,
  ...skippedUnless(RUNTIME === "node", "only Node runs pm2"),
}, async () => {
  await using recipe = new Recipe();
  await using daemon = new Daemon();
  const port = await freePorts(3);
  const ports = [port, port + 1, port + 2];
  await daemon.run(["start", `${FILES}ecosystem.config.cjs`], {
    FLEET_DIR: recipe.dir,
    PORT: String(port),
  });
  await recipe.untilMembers(4, ports);
  await order(ports, 3);
  for (const each of ports) {
    await recipe.untilSample(each, "shop_orders_total", 9);
  }
});

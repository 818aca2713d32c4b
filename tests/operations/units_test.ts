/** systemd accepts the units, and confines both alike. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { run } from "../oracle/programs.ts";
import { skippedUnless } from "../support/rounds.ts";
import { FOLDER, once, PORTS, textOf } from "./files.ts";

const ANALYZE = "/usr/bin/systemd-analyze";

const UNITS = ["shop.service", "shop@.service"];

/** Returns the part of a unit that confines the process. */
function confinement(name: string): string {
  const [, part] = /^(# No Memory[^]*?)^\[Install\]$/m.exec(textOf(name))!;
  return part!;
}

/** Returns the option that skips a test without systemd's own checks. */
function needsAnalyze(): { skip: string | false } {
  const deno = once();
  return deno.skip !== false
    ? deno
    : skippedUnless(existsSync(ANALYZE), "systemd-analyze is not installed");
}

for (const name of UNITS) {
  test(`${name} confines the process as its sibling does`, once(), () => {
    const sections = textOf(name).match(/^\[\w+\]$/gm);
    assert.deepEqual(sections, ["[Unit]", "[Service]", "[Install]"]);
    assert.equal(confinement(name), confinement(UNITS[0]!));
  });

  test(
    `systemd accepts ${name}, and calls it confined`,
    needsAnalyze(),
    async () => {
      const unit = FOLDER + name;
      const verified = await run(ANALYZE, ["verify", "--man=no", unit], "");
      const complaints = verified.stderr.split("\n").filter((line) =>
        /shop[@.]/.test(line) && !line.includes("is not executable")
      );
      assert.deepEqual(complaints, []);
      // 10 is exposed, 0 is confined; the number is ten times that.
      const args = ["security", "--offline=yes", "--threshold=20", unit];
      const { code, stdout } = await run(ANALYZE, args, "");
      assert.equal(code, 0, stdout);
    },
  );
}

test("shop.service gives the example its ports and its folder", once(), () => {
  const text = textOf("shop.service");
  assert.ok(text.includes(`\nEnvironment=PORT=${PORTS.shop}\n`));
  assert.ok(text.includes(`\nEnvironment=TELEMETRY_PORT=${PORTS.telemetry}\n`));
  assert.ok(text.includes("\nWorkingDirectory=/srv/shop\n"));
  assert.ok(
    text.includes("\nExecStart=/usr/bin/node examples/operations.ts\n"),
  );
});

/** The files of the recipes are valid for the programs that read them. */
import assert from "node:assert/strict";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { test } from "node:test";
import { needs, PROMTOOL, run } from "../../oracle/programs.ts";
import { ROOT, runArgs } from "../../support/programs.ts";
import { FILES, freePorts, order, Recipe } from "./recipe.ts";

/** Returns the text of a file of the recipes. */
function textOf(name: string): string {
  return readFileSync(FILES + name, "utf8");
}

/** Returns the page that describes the files. */
function page(): string {
  return readFileSync(`${ROOT}docs/fleet.md`, "utf8");
}

/** Returns the queries of the page, of which each row has one first. */
function queries(): string[] {
  const [, table] = /^## Queries$([^]*?)^## /m.exec(page())!;
  return [...table!.matchAll(/^\| [^|`]+ \| `([^`]+)`/gm)]
    .map(([, query]) => query!);
}

/** Returns the values of a key of the unit, with the name `instance`. */
function unitValues(key: string, instance: string): string[] {
  return [...textOf("shop@.service").matchAll(/^(\w+)=(.*)$/gm)]
    .filter(([, name]) => name === key)
    .map(([, , value]) => value!.replaceAll("%i", instance));
}

test("units of systemd count as one", { timeout: 120_000 }, async () => {
  await using recipe = new Recipe();
  const port = await freePorts(2);
  const ports = [port, port + 1];
  for (const each of ports) {
    const variables = Object.fromEntries(
      unitValues("Environment", String(each)).map((text) => text.split("=")),
    );
    assert.equal(variables["FLEET_DIR"], "/run/shop");
    const [command] = unitValues("ExecStart", String(each));
    const file = command!.replace("/usr/bin/node /srv/shop/", "");
    recipe.start([execPath, ...runArgs(file)], {
      ...variables,
      FLEET_DIR: recipe.dir,
    });
  }
  await recipe.untilMembers(2, ports);
  await order(ports, 2);
  for (const each of ports) {
    await recipe.untilSample(each, "shop_orders_total", 4);
  }
  assert.deepEqual(await recipe.end(), [0, 0]);
});

test("the directory of the units is that of the fleet, and outlives each", () => {
  const [name] = unitValues("RuntimeDirectory", "8001");
  const environment = unitValues("Environment", "8001");
  assert.ok(environment.includes(`FLEET_DIR=/run/${name}`));
  assert.deepEqual(unitValues("RuntimeDirectoryPreserve", ""), ["yes"]);
  assert.equal(unitValues("User", "").length, 1);
});

test("the containers share the volume of the fleet", () => {
  const text = textOf("compose.fleet.yaml");
  const dir = /FLEET_DIR: (\S+)/.exec(text)![1];
  assert.ok(text.includes(`- fleet:${dir}\n`));
  assert.match(text, /^volumes:\n {2}fleet:$/m);
  const ports = /- "(\d+)-(\d+):(\d+)"/.exec(text)!.slice(1).map(Number);
  const replicas = Number(/replicas: (\d+)/.exec(text)![1]);
  assert.equal(ports[1]! - ports[0]! + 1, replicas);
  assert.equal(Number(/PORT: "(\d+)"/.exec(text)![1]), ports[2]);
  const file = /command: node \/srv\/shop\/(\S+)/.exec(text)![1];
  assert.ok(existsSync(ROOT + file));
});

/** Asserts that promtool accepts rules. */
async function assertRules(rules: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "barograph-promtool-"));
  try {
    const file = join(folder, "rules.yml");
    writeFileSync(file, rules);
    const { code, stdout, stderr } = await run(
      PROMTOOL!,
      ["check", "rules", file],
      "",
    );
    assert.equal(code, 0, stdout + stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("promtool accepts the queries of docs/fleet.md", needs("PROMTOOL"), () => {
  const rules = queries().map((query, at) => {
    return `      - record: query:${at}\n        expr: ${query}\n`;
  });
  assert.ok(rules.length > 5);
  const group = "groups:\n  - name: page\n    rules:\n";
  return assertRules(group + rules.join(""));
});

test("docs/fleet.md has the alerts of fleet.rules.yml, and the metrics in them", () => {
  const alerts = [
    ...textOf("prometheus/rules/fleet.rules.yml").matchAll(/^ +expr: (.*)$/gm),
  ]
    .map(([, query]) => query);
  assert.deepEqual(queries().slice(-alerts.length), alerts);
  for (const name of alerts.join(" ").match(/barograph_\w+/g)!) {
    assert.ok(page().includes(`\n| \`${name}\` `), name);
  }
});

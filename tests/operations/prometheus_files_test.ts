/** promtool and amtool accept the files of Prometheus and Alertmanager. */
import assert from "node:assert/strict";
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execPath } from "node:process";
import { test } from "node:test";
import { toYaml } from "../../src/generate/mod.ts";
import { needsOnce, type Outcome, programOf, run } from "../oracle/programs.ts";
import { ROOT } from "../support/programs.ts";
import { at, documentsOf, FOLDER, once, textOf } from "./files.ts";

const TOKEN_FILE = "/run/secrets/barograph_token";

/** Runs `work` with a copy of the folder, in which paths of the host exist. */
async function withCopy<T>(work: (copy: string) => Promise<T>): Promise<T> {
  const copy = mkdtempSync(join(tmpdir(), "barograph-operations-"));
  try {
    cpSync(`${FOLDER}prometheus`, copy, { recursive: true });
    const file = join(copy, "targets.yml");
    const token = join(copy, "token");
    writeFileSync(token, "t0k3n");
    const text = readFileSync(file, "utf8");
    assert.ok(text.includes(TOKEN_FILE));
    writeFileSync(file, text.replaceAll(TOKEN_FILE, token));
    return await work(copy);
  } finally {
    rmSync(copy, { recursive: true });
  }
}

function assertEnded({ code, stdout, stderr }: Outcome): void {
  assert.equal(code, 0, stdout + stderr);
}

const configurations = readdirSync(`${FOLDER}prometheus`)
  .filter((name) => name.endsWith(".yml"));

for (const name of configurations) {
  test(
    `promtool 3 accepts prometheus/${name}`,
    needsOnce("PROMTOOL_3"),
    () =>
      withCopy(async (copy) => {
        const args = ["check", "config", "--lint=all", "--lint-fatal"];
        assertEnded(
          await run(programOf("PROMTOOL_3")!, [...args, join(copy, name)], ""),
        );
      }),
  );
}

test("promtool 3 accepts what the Collector scrapes", {
  ...needsOnce("PROMTOOL_3"),
}, async () => {
  const [collector] = documentsOf("collector.yaml");
  const folder = mkdtempSync(join(tmpdir(), "barograph-collector-"));
  try {
    const file = join(folder, "prometheus.yml");
    const config = at(collector, "receivers", "prometheus", "config");
    writeFileSync(file, toYaml(config as Record<string, never>));
    assertEnded(
      await run(programOf("PROMTOOL_3")!, ["check", "config", file], ""),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("pipelines of the Collector name what the file declares", once(), () => {
  const [collector] = documentsOf("collector.yaml");
  const pipelines = at(collector, "service", "pipelines") as Record<
    string,
    Record<string, string[]>
  >;
  const used = new Set<string>();
  for (const pipeline of Object.values(pipelines)) {
    for (const [kind, names] of Object.entries(pipeline)) {
      for (const name of names) {
        at(collector, kind, name);
        used.add(`${kind} ${name}`);
      }
    }
  }
  assert.equal(used.size, 3);
});

const rules = readdirSync(`${FOLDER}prometheus/rules`);

for (const name of rules.filter((name) => name.endsWith(".rules.yml"))) {
  const tests = name.replace(".rules.yml", ".rules_test.yml");
  for (const program of ["PROMTOOL", "PROMTOOL_3"] as const) {
    test(
      `${program} accepts ${name} and proves its alerts`,
      needsOnce(program),
      async () => {
        const folder = `${FOLDER}prometheus/rules/`;
        const lint = ["check", "rules", "--lint=all", "--lint-fatal"];
        const promtool = programOf(program)!;
        assertEnded(await run(promtool, [...lint, folder + name], ""));
        const prove = ["test", "rules", folder + tests];
        assertEnded(await run(promtool, prove, ""));
      },
    );
  }
  test(`${tests} tests each alert of ${name}`, once(), () => {
    const alerts = textOf(`prometheus/rules/${name}`)
      .match(/(?<=alert: )\w+/g)!;
    const tested = textOf(`prometheus/rules/${tests}`)
      .match(/(?<=alertname\W+)\w+/g)!;
    assert.deepEqual([...new Set(tested)].sort(), [...new Set(alerts)].sort());
  });
}

test(
  "amtool accepts alertmanager.yml",
  needsOnce("AMTOOL"),
  async () =>
    assertEnded(
      await run(
        programOf("AMTOOL")!,
        ["check-config", `${FOLDER}alertmanager.yml`],
        "",
      ),
    ),
);

test(
  "the alerts that Alertmanager routes are those of the rules",
  once(),
  () => {
    const text = textOf("alertmanager.yml");
    const found = textOf("prometheus/rules/shop.rules.yml");
    for (const name of new Set(text.match(/\bTarget\w+/g))) {
      assert.ok(found.includes(`alert: ${name}\n`), name);
    }
    assert.ok(text.includes('severity="page"'));
    assert.match(found, /severity: page$/m);
  },
);

/** Returns the commands in the header of `shop.ts`, as lists of arguments. */
function commands(): string[][] {
  const [header] = textOf("shop.ts").split("*/");
  return header!.replaceAll("\\\n *", "").match(/deno run .*/g)!
    .map((line) => line.split(/ +/).slice(1));
}

test("the generated files are what their commands write now", {
  ...once(),
  timeout: 120_000,
}, async () => {
  const out = mkdtempSync(join(tmpdir(), "barograph-generated-"));
  try {
    const folders = new Map<string, string>();
    for (const args of commands()) {
      const place = args.indexOf("--out") + 1;
      const folder = `${ROOT}${args[place]}`;
      const command = args.with(place, out);
      assertEnded(await run(execPath, command, "", {}, ROOT));
      for (const name of readdirSync(out)) {
        if (!folders.has(name)) folders.set(name, folder);
      }
    }
    assert.deepEqual([...folders.keys()].sort(), [
      "shop.json",
      "shop.rules.yml",
      "shop.rules_test.yml",
    ]);
    for (const [name, folder] of folders) {
      assert.equal(
        readFileSync(`${folder}/${name}`, "utf8"),
        readFileSync(join(out, name), "utf8"),
        `${name}: run the commands in the header of shop.ts`,
      );
    }
  } finally {
    rmSync(out, { recursive: true });
  }
});

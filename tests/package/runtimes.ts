/**
 * Installs the packed package into fresh projects and runs it, on each runtime:
 * the first example of the README, its commands, and every door.
 *
 * `deno task package` runs these tests; they need npm, and Bun and Node from it.
 */
import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import deno from "../../deno.json" with { type: "json" };
import { findBun } from "../../tools/bun.ts";
import { findNode } from "../../tools/node.ts";
import { DENO, pack, ROOT, run, start, write } from "./project.ts";
import { startRegistry } from "./registry.ts";

const README = readFileSync(join(ROOT, "README.md"), "utf8");
const packed = await pack();
const { name } = packed.manifest;
const registry = await startRegistry(packed.manifest, packed.tarball);
const [bun, node22, node24] = [await findBun(), findNode(22), findNode(24)];

/** The exported names of each door, as the sources have them. */
const NAMES: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  await Promise.all(
    Object.entries(deno.exports).map(async ([door, source]) => [
      name + door.slice(1),
      Object.keys(await import(pathToFileURL(join(ROOT, source)).href)).sort(),
    ]),
  ),
);

const FILES = {
  ".npmrc": `@barograph:registry=${registry.url}\n`,
  "app.ts": /^```ts ignore\n([^]*?)^```/m.exec(README)![1]!,
  // Uses the example as a server does, and prints the names of every door.
  "main.mjs": `
    import app from "./app.ts";
    ${
    packed.doors.map((door, i) => `import * as d${i} from "${door}";`).join(
      "\n",
    )
  }

    const get = async (path) =>
      (await app.fetch(new Request("http://localhost" + path))).text();
    const names = {
      ${packed.doors.map((door, i) => `"${door}": Object.keys(d${i})`).join()}
    };
    for (const list of Object.values(names)) list.sort();
    const thanks = await get("/");
    const orders = (await get("/metrics")).split("\\n")
      .find((line) => line.startsWith("shop_orders_total"));
    console.log(JSON.stringify({ thanks, orders, names }));
  `,
  // The line for Node in the README, on a free port.
  "server.mjs": `
    import { createServer } from "node:http";
    import { nodeHandler } from "${name}/frameworks";
    import app from "./app.ts";

    const server = ${
    /`(createServer\([^`]+)`/.exec(README)![1]!.replace("8000", "0")
  };
    server.on("listening", () =>
      console.log("http://localhost:" + server.address().port)
    );
  `,
  "main.cjs": `
    const names = {
      ${
    packed.doors.map((door) => `"${door}": Object.keys(require("${door}"))`)
  }
    };
    for (const list of Object.values(names)) list.sort();
    console.log(JSON.stringify(names));
  `,
};

const EXPECTED = {
  thanks: "thank you",
  orders: 'shop_orders_total{payment="card"} 1',
  names: NAMES,
};

/** Where package managers keep what they have fetched. */
const CACHES = {
  DENO_DIR: join(packed.folder, "cache", "deno"),
  BUN_INSTALL_CACHE_DIR: join(packed.folder, "cache", "bun"),
  npm_config_cache: join(packed.folder, "cache", "npm"),
};

let projects = 0;

/** Makes a fresh project; `commands` install the package. */
async function project(
  files: Readonly<Record<string, string | object>>,
  ...commands: readonly (readonly string[])[]
): Promise<string> {
  const folder = join(packed.folder, `project-${++projects}`);
  write(folder, { ...FILES, ...files });
  for (const command of commands) await run(command, folder, CACHES);
  return folder;
}

async function assertRuns(
  folder: string,
  command: readonly string[],
  hasRequire = true,
): Promise<void> {
  const output = await run([...command, "main.mjs"], folder, CACHES);
  assert.deepEqual(JSON.parse(output), EXPECTED);
  if (!hasRequire) return;
  const required = await run([...command, "main.cjs"], folder, CACHES);
  assert.deepEqual(JSON.parse(required), NAMES);
}

/** Starts a server that prints its address; asserts that it is the example. */
async function assertServes(
  folder: string,
  command: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  const server = start(command, folder, { ...CACHES, ...variables });
  const ended = new Promise((resolve) => server.on("close", resolve));
  try {
    const port = await new Promise<string>((resolve, reject) => {
      let text = "";
      const read = (chunk: unknown) => {
        const found = /http:\/\/[^\s/]+:(\d+)/.exec(text += chunk);
        if (found !== null) resolve(found[1]!);
      };
      server.stdout.on("data", read);
      server.stderr.on("data", read);
      server.on("close", () => reject(new Error(`No server:\n${text}`)));
    });
    const get = async (path: string) =>
      await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
    assert.equal(await get("/"), EXPECTED.thanks);
    assert.ok((await get("/metrics")).includes(EXPECTED.orders));
  } finally {
    server.kill("SIGKILL");
    await ended;
  }
}

const PACKAGE = { "package.json": { private: true, type: "module" } };
const CHECK = [DENO, "check", "app.ts"];

test("the package runs on Deno, without a folder node_modules", async () => {
  const config = { nodeModulesDir: "none" };
  const add = [DENO, "add", `npm:${name}`];
  const folder = await project({ "deno.json": config }, add, CHECK);
  // A file of CommonJS has no import map.
  await assertRuns(folder, [DENO, "run", "-A"], false);
  await assertServes(folder, [DENO, "serve", "--port", "0", "app.ts"]);
});

for (const nodeModulesDir of ["auto", "manual"]) {
  test(`the package runs on Deno, nodeModulesDir ${nodeModulesDir}`, async () => {
    const add = [DENO, "add", `npm:${name}`];
    const files = { ...PACKAGE, "deno.json": { nodeModulesDir } };
    const folder = await project(files, add, [DENO, "install"], CHECK);
    await assertRuns(folder, [DENO, "run", "-A"]);
    await assertServes(folder, [DENO, "serve", "--port", "0", "app.ts"]);
  });
}

test("the package runs on Bun", async () => {
  const folder = await project(PACKAGE, [bun, "add", name]);
  await assertRuns(folder, [bun]);
  await assertServes(folder, [bun, "app.ts"], { PORT: "0" });
});

test("the package runs on Node 22 and 24", async () => {
  const install = ["npm", "install", "--silent", name];
  const folder = await project(PACKAGE, install);
  for (const node of [node22, node24]) {
    await assertRuns(folder, [node]);
    await assertServes(folder, [node, "server.mjs"]);
  }
});

test("npx and bunx run the program of the package", async () => {
  const folder = await project(PACKAGE, ["npm", "install", "--silent", name]);
  for (const command of [["npx", "--no-install"], [bun, "x", "--no-install"]]) {
    const output = await run([...command, name, "--version"], folder, CACHES);
    assert.equal(output, `${packed.manifest.version}\n`);
  }
});

test("a bundle of a program does not start the server as a program", async () => {
  const code = `
    import { serveTelemetry } from "${name}/server";
    const server = await serveTelemetry({ port: 0 });
    console.log(typeof server.address, process.argv.at(-1));
    await server.stop();
  `;
  const folder = await project(
    { ...PACKAGE, "bundled.mjs": code },
    ["npm", "install", "--silent", name],
    [bun, "build", "bundled.mjs", "--target=node", "--outfile=bundle.mjs"],
  );
  for (const command of [[DENO, "run", "-A"], [bun], [node22], [node24]]) {
    const output = await run([...command, "bundle.mjs", "--help"], folder);
    assert.equal(output.trim(), "string --help", command.join(" "));
  }
});

test("errors of the package lead to the sources", async () => {
  const code = 'import { counter } from "@barograph/barograph"; counter();';
  const folder = await project({ ...PACKAGE, "wrong.mjs": code }, [
    ...["npm", "install", "--silent"],
    packed.tarball,
  ]);
  const error = await run([node24, "--enable-source-maps", "wrong.mjs"], folder)
    .catch(({ message }) => message as string);
  const [, source, number, shown] =
    /barograph\/(src\/\S+\.ts):(\d+)\n(.*)\n/.exec(error) ?? [];
  assert.ok(source !== undefined, error);
  const lines = readFileSync(join(ROOT, source), "utf8").split("\n");
  assert.equal(shown, lines[Number(number) - 1]);
});

test("the commands of the README use a checkout", async () => {
  // The checkout that the commands name, beside the projects.
  const checkout = join(packed.folder, "barograph");
  for (const file of ["deno.json", "package.json", "mod.ts", "src"]) {
    cpSync(join(ROOT, file), join(checkout, file), { recursive: true });
  }
  cpSync(packed.built, join(checkout, "dist", "npm"), { recursive: true });
  const command = (manager: string) => {
    const line = new RegExp(`^${manager} .*?\\.\\./barograph\\S*`, "m").exec(
      README,
    );
    assert.ok(line !== null, `README.md has no command of ${manager}`);
    return line[0].split(/\s+/).slice(1);
  };
  const onDeno = await project({}, [DENO, ...command("deno")], CHECK);
  await assertRuns(onDeno, [DENO, "run", "-A"], false);
  const onBun = await project(PACKAGE, [bun, ...command("bun")]);
  await assertRuns(onBun, [bun]);
  const onNode = await project(PACKAGE, ["npm", ...command("npm")]);
  await assertRuns(onNode, [node22]);
  await assertRuns(onNode, [node24]);
});

test("installing fetches the package alone", () => {
  assert.deepEqual(
    [...new Set(registry.requested)].sort(),
    [`/${name}`, `/${name}/-/package.tgz`],
  );
});

test("the projects are removed, and the registry stops", async () => {
  await registry.close();
  packed.remove();
});

/**
 * Writes the API reference of all doors into `dist/api/`, without a network.
 *
 *     deno task api
 *
 * The first page is that of `mod.ts`; its table of modules leads to the others.
 */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import deno from "../deno.json" with { type: "json" };

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDER = join("dist", "api");

/** Makes names of doors in the first page lead to the pages of the doors. */
function withLinks(page: string, doors: readonly string[]): string {
  return doors.reduce((text, door) => {
    const name = `<code>${door}</code>`;
    const parts = text.split(name);
    if (parts.length === 1) {
      throw new Error(`Cannot link ${door}: the table in mod.ts lacks it`);
    }
    return parts.join(`<a href="${door}/index.html">${name}</a>`);
  }, page);
}

rmSync(join(ROOT, FOLDER), { recursive: true, force: true });
mkdirSync(join(ROOT, "dist"), { recursive: true });
const { success } = await new Deno.Command(Deno.execPath(), {
  args: [
    ...["doc", "--html", "--name=Barograph", `--output=${FOLDER}`],
    ...Object.values(deno.exports),
  ],
  cwd: ROOT,
}).spawn().status;
if (!success) Deno.exit(1);

const doors = Object.keys(deno.exports).filter((door) => door !== ".");
for (const door of doors) {
  const file = join(FOLDER, door, "index.html");
  if (!existsSync(join(ROOT, file))) throw new Error(`${file} is missing`);
}
const first = join(ROOT, FOLDER, "index.html");
writeFileSync(first, withLinks(readFileSync(first, "utf8"), doors));
console.log(`open ${join(FOLDER, "index.html")}`);

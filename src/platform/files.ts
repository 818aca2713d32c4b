/** Reading a file of text, where the runtime can. */

interface Runtime {
  readonly process?: {
    getBuiltinModule?(name: string): {
      readFileSync(path: string, encoding: "utf8"): string;
    } | undefined;
  };
}

/**
 * The text of a file.
 *
 * @throws {Error} What the runtime says; also where it cannot read files.
 */
export function readText(path: string): string {
  const { process } = globalThis as Runtime;
  const files = process?.getBuiltinModule?.("node:fs");
  if (files === undefined) throw new Error("this runtime reads no files");
  return files.readFileSync(path, "utf8");
}

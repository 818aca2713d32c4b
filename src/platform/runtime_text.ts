/** The name of the runtime, as people write it. */
import { processInfo } from "./runtime.ts";

const NAMES: Readonly<Record<string, string>> = {
  deno: "Deno",
  bun: "Bun",
  nodejs: "Node",
};

/** Returns name and version of the runtime, such as `Deno 2.9.5`. */
export function runtimeText(): string {
  const info = processInfo();
  const name = NAMES[info.runtime] ?? "JavaScript";
  return [name, info.version()].filter((part) => part !== undefined).join(" ");
}

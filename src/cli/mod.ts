/**
 * The program `barograph`: `deno run -A jsr:@barograph/barograph/cli --help`, or
 * `npx @barograph/barograph --help`.
 *
 * ```sh
 * barograph top http://localhost:9090/metrics
 * barograph lint http://localhost:9090/metrics
 * barograph dashboards app.ts --out dashboards
 * barograph rules app.ts --out rules --job shop --availability 0.999
 * ```
 *
 * @module
 */
import { main } from "./main.ts";
import { MAIN_URL, runProgram } from "./program.ts";

export type { Cancel, Clock, TimerOptions, Timers } from "../base/mod.ts";
export type { CommandLine, TerminalSize } from "../platform/mod.ts";
export type { CliIo } from "./io.ts";
export { main };

// Not all type libraries declare `import.meta.main`.
const meta: object = import.meta;
// A bundle is the main module of a program, which contains this code: there, all
// modules have the same address.
if ("main" in meta && meta.main && import.meta.url !== MAIN_URL) runProgram();

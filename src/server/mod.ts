/**
 * A telemetry server on its own port, inside a program or as a program itself:
 * `deno run -A jsr:@barograph/barograph/server --help`.
 *
 * ```ts
 * import { counter } from "@barograph/barograph";
 * import { serveTelemetry } from "@barograph/barograph/server";
 *
 * counter({ name: "jobs_total", help: "Jobs." }).inc();
 * await using server = await serveTelemetry({ port: 0 });
 * console.log(server.address);
 * ```
 *
 * @module
 */
import { runtimeMetrics } from "../runtime/mod.ts";
import { main, MAIN_URL } from "./main.ts";

export { ServeError, type ServeFault } from "../platform/mod.ts";
export type {
  Descriptions,
  EndpointList,
  ServerTls,
  ServeTelemetryOptions,
} from "./options.ts";
export { serveTelemetry, type TelemetryServer } from "./server.ts";

// Not all type libraries declare `import.meta.main`.
const meta: object = import.meta;
// No `await`: `require()` refuses modules that wait while they load.
// A bundle is the main module of a program, which contains this code: there, all
// modules have the same address.
if ("main" in meta && meta.main && import.meta.url !== MAIN_URL) {
  main(runtimeMetrics());
}

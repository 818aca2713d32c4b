/**
 * Wrappers around the user's own code that measure it.
 *
 * ```ts
 * import { instrumentHandler } from "@barograph/barograph/instrument";
 *
 * const handler = instrumentHandler(() => new Response("hello"));
 * handler(new Request("http://localhost/"));
 * ```
 *
 * @module
 */
export { instrumentHandler } from "./fetch_handler.ts";
export type { Answer, InstrumentOptions } from "./request_metrics.ts";

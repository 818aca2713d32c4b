/** Spans across `await`, by an option of `withTelemetry`. */
import { AsyncLocalStorage } from "node:async_hooks";
import { withTelemetry } from "../../../src/workers/mod.ts";
import { ids } from "./context.ts";

export default withTelemetry({
  fetch: async () => Response.json(await ids()),
}, { AsyncLocalStorage });

/** Spans across `await`, by a class that the program imports. */
import { AsyncLocalStorage } from "node:async_hooks";
import { useAsyncLocalStorage } from "../../../src/trace/mod.ts";
import { ids } from "./context.ts";

export default {
  async fetch({ url }: Request): Promise<Response> {
    if (url.endsWith("/use")) useAsyncLocalStorage(AsyncLocalStorage);
    const all = await Promise.all([ids(), ids(), ids()]);
    return Response.json(all[0]);
  },
};

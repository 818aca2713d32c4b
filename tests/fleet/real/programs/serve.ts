/** A module for `deno serve --parallel`: each thread is a member. */
import { app } from "./app.ts";

const fetch = await app(crypto.randomUUID());
export default { fetch };

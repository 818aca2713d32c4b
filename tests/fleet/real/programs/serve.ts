/** A module for `deno serve --parallel`: each thread is a member. */
import process from "node:process";
import { app } from "./app.ts";

const fetch = await app(`${process.pid}-${crypto.randomUUID()}`);
export default { fetch };

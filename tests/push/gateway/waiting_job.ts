/** A job that pushes 1, and 2 as it is ended; it does not end by itself. */
import { argv } from "node:process";
import { gauge } from "../../../mod.ts";
import { defaultRegistry } from "../../../src/metrics/mod.ts";
import { pushgateway } from "../../../src/push/mod.ts";

const [url, deletes] = argv.slice(2);
const done = gauge({ name: "done", help: "Done." });
const gateway = pushgateway(defaultRegistry(), {
  url: url!,
  job: "backup",
  grouping: { instance: "a" },
  deleteOnClose: deletes === "true",
});
done.set(1);
await gateway.push();
done.set(2);
// Nothing else holds the pusher: its registry must.
(globalThis as { Bun?: { gc(force: boolean): void } }).Bun?.gc(true);
setInterval(() => {}, 60_000);
console.log("ready");

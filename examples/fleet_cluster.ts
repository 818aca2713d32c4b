/**
 * A fleet of `node:cluster` workers, on Node and Bun. The primary serves nothing,
 * so it does not join.
 *
 *     node examples/fleet_cluster.ts
 */
import cluster from "node:cluster";
import { availableParallelism } from "node:os";
import process from "node:process";

if (cluster.isPrimary) {
  for (let count = availableParallelism(); count > 0; count--) cluster.fork();
  let isEnding = false;
  cluster.on("exit", () => {
    if (!isEnding) cluster.fork(); // continues the counts of the worker that exited
  });
  process.on("SIGTERM", () => {
    isEnding = true;
    for (const worker of Object.values(cluster.workers ?? {})) {
      worker?.process.kill("SIGTERM");
    }
  });
} else {
  await import("./fleet_node.ts");
}

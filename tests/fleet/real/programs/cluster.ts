/**
 * A cluster of four workers behind one port, on Node: prints `worker <pid>` for
 * each worker that serves, and `ready <port>` for the first. Workers that have
 * ended are replaced.
 */
import cluster from "node:cluster";
import { fileURLToPath } from "node:url";

cluster.setupPrimary({
  exec: fileURLToPath(new URL("process.ts", import.meta.url)),
});
cluster.on("listening", (worker, { port }) => {
  console.log(`worker ${worker.process.pid}`);
  console.log(`ready ${port}`);
});
cluster.on("exit", (worker) => {
  if (!worker.exitedAfterDisconnect) cluster.fork();
});
for (let count = 0; count < 4; count++) cluster.fork();

/**
 * A fleet of four processes under pm2:
 *
 *     pm2 start examples/fleet/ecosystem.config.cjs
 *     curl localhost:8000/metrics
 *
 * In the mode `cluster` the processes share a port. In the mode `fork` each needs
 * a port of its own, which `increment_var` gives; on Bun they can share one by
 * `reusePort`. All four are one fleet, since they have one service and one user.
 */
const process = require("node:process");

const port = Number(process.env.PORT ?? 8000);
const script = `${__dirname}/../fleet_node.ts`;

module.exports = {
  apps: [
    {
      name: "shop",
      script,
      interpreter: "node",
      exec_mode: "cluster",
      instances: 2,
      env: { PORT: port },
    },
    {
      name: "shop-orders",
      script,
      interpreter: "node",
      exec_mode: "fork",
      instances: 2,
      increment_var: "PORT",
      env: { PORT: port + 1 },
    },
  ],
};

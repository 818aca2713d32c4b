/**
 * A fleet of four processes under pm2:
 *
 *     pm2 start examples/operations/ecosystem.config.cjs
 *     curl localhost:8000/metrics
 *
 * In `cluster` mode the processes share a port. In `fork` mode each needs its own
 * port, which `increment_var` sets; on Bun they can share one with `reusePort`. All
 * four are one fleet: they have the same service and user.
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

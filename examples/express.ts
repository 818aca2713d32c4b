/**
 * Express: requests are counted by route template, also in routers, and errors by
 * the status that is sent. `/metrics` requires a token if METRICS_TOKEN is set.
 *
 *     node examples/express.ts
 *     bun examples/express.ts
 *     deno run --allow-net --allow-env examples/express.ts
 *
 * Runs on Deno, Bun and Node. PORT is the port; default: 3000.
 */
import { env } from "node:process";
// @ts-types="@types/express"
import express from "express";
import { createTelemetry } from "../mod.ts";
import { nodeMiddleware } from "../src/frameworks/mod.ts";
import { bearer } from "../src/http/mod.ts";

const { PORT = "3000", METRICS_TOKEN } = env;

const telemetry = createTelemetry({
  service: "users",
  ...METRICS_TOKEN && { authorize: bearer(METRICS_TOKEN) },
});
const logins = telemetry.registry.counter({
  name: "users_logins_total",
  help: "Logins by their outcome.",
  labels: ["outcome"],
});

const users = express.Router();
users.get("/:id", (request, response) => {
  response.send(`user ${request.params.id}\n`);
});
users.post("/:id/login", (_request, response) => {
  logins.with({ outcome: "done" }).inc();
  response.sendStatus(204);
});
users.get("/:id/photo", () => {
  throw new Error("no photos yet"); // Express answers 500
});

const app = express();
app.use(nodeMiddleware(telemetry)); // before all routes
app.use("/users", users);
app.get("/", (_request, response) => void response.send("Welcome.\n"));

app.listen(Number(PORT));

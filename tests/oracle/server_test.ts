/**
 * A real Prometheus scrapes the telemetry server in plain text and over TLS with
 * a private certificate authority, with the right token and with a wrong one.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry } from "../../mod.ts";
import { bearer } from "../../src/http/mod.ts";
import { runtimeMetrics } from "../../src/runtime/mod.ts";
import { serveTelemetry } from "../../src/server/mod.ts";
import { RUNTIME } from "../runtimes/server.ts";
import { certPath, pem } from "../server/fixtures.ts";
import { needs, PROMETHEUS } from "./programs.ts";
import { Prometheus, until } from "./prometheus.ts";

const TOKEN = "4bf92f3577b34da6";

test(
  `a real Prometheus scrapes the server of ${RUNTIME} if it is authorised`,
  { ...needs("PROMETHEUS"), timeout: 120_000 },
  async () => {
    const registry = createRegistry();
    using metrics = runtimeMetrics();
    registry.add(metrics);
    registry.counter({ name: "jobs_total", help: "Jobs." }).inc(7);
    const tls = { cert: pem("server.pem"), key: pem("server.key") };
    const authorize = bearer(TOKEN);
    await using plain = await serveTelemetry({ registry, port: 0 });
    await using locked = await serveTelemetry({ registry, port: 0, authorize });
    await using secure = await serveTelemetry({
      registry,
      port: 0,
      tls,
      authorize,
    });
    const job = (
      name: string,
      { port }: { readonly port: number },
      settings = "",
    ) => `
  - job_name: ${name}
    static_configs: [{ targets: ["127.0.0.1:${port}"] }]${settings}`;
    const token = (credentials: string) => `
    authorization: { credentials: ${credentials} }`;
    const trusting = `
    scheme: https
    tls_config: { ca_file: ${certPath("ca.pem")} }`;
    const config = `
global: { scrape_interval: 500ms, scrape_timeout: 500ms }
scrape_configs:${job("plain", plain)}${job("token", locked, token(TOKEN))}${
      job("wrong", locked, token("wrong"))
    }${job("secure", secure, trusting + token(TOKEN))}${
      job("distrusting", secure, "\n    scheme: https" + token(TOKEN))
    }
`;
    await using prometheus = await Prometheus.start(PROMETHEUS!, [], config);
    for (const name of ["plain", "token", "secure"]) {
      const stored = await prometheus.untilUp(`up{job="${name}"}`);
      const query = `jobs_total{job="${name}"}`;
      assert.equal(await stored.value(query), "7");
      const start = `process_start_time_seconds{job="${name}"}`;
      assert.ok(Number(await stored.value(start)) > 1.7e9);
    }
    for (const reason of [/401/, /certificate/]) {
      await until(async () =>
        (await prometheus.targets())
          .some(([health, error]) => health === "down" && reason.test(error)) ||
        undefined
      );
    }
    for (const name of ["wrong", "distrusting"]) {
      await until(async () =>
        await prometheus.value(`up{job="${name}"}`) === "0" || undefined
      );
    }
  },
);

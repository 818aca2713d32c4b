/**
 * Writes `docs/opentelemetry-conformance.md`: what OpenTelemetry's Prometheus
 * exporter and this module serve for the same calls, judged by promtool.
 *
 *     eval "$(.ci/oracles)" && deno task conformance
 */
import { writeFileSync } from "node:fs";
import { conformancePage } from "./conformance.ts";
import { ROOT } from "../support/programs.ts";

writeFileSync(
  `${ROOT}docs/opentelemetry-conformance.md`,
  await conformancePage(),
);

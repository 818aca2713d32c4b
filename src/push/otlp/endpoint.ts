/** The address of an OTLP collector. */
import { type Address, addressOf, type AddressRules } from "../address.ts";

/** The kinds of telemetry that OTLP carries, as they appear in its paths. */
export type Signal = "traces" | "metrics" | "logs";

const RULES: AddressRules = {
  action: "Cannot export",
  advice: 'a collector of OTLP over HTTP, such as "http://localhost:' +
    '4318"',
  plainPort: /:4318$/, // the port of OTLP over HTTP
};

/** The end of a path that is that of one signal. */
const SIGNAL_PATH = /\/v1\/(?:traces|metrics|logs)$/;

/**
 * Returns the URL to post `signal` to. A path that does not end in the name of the
 * signal is a base path: `/v1/` and the name are appended, or replace those of
 * another signal. A `URL` is used as it is.
 *
 * Source: OTLP specification, "OTLP/HTTP request".
 *
 * @throws {TypeError} If `endpoint` is not a valid address of a collector.
 */
export function otlpUrl(endpoint: string | URL, signal: Signal): Address {
  const address = addressOf(String(endpoint), RULES);
  const { url } = address;
  const path = url.pathname.replace(/\/+$/, "");
  if (typeof endpoint === "string" && !path.endsWith(`/${signal}`)) {
    url.pathname = path.replace(SIGNAL_PATH, "") + `/v1/${signal}`;
  }
  return address;
}

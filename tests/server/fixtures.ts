/** Servers of telemetry, and certificates that nobody else trusts. */
import { readFileSync } from "node:fs";
import { request as secureRequest } from "node:https";
import { fileURLToPath } from "node:url";

/** Where a certificate or key of the tests is. */
export function certPath(name: string): string {
  return fileURLToPath(new URL(`certs/${name}`, import.meta.url));
}

/** A certificate or key of the tests. */
export function pem(name: string): string {
  return readFileSync(certPath(name), "utf8");
}

/** What a server answers over TLS to who trusts the tests' authority. */
export function getSecure(
  port: number,
  path: string,
  more: object = {},
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      host: "127.0.0.1",
      port,
      path,
      ca: pem("ca.pem"),
      agent: false,
      ...more,
    };
    const request = secureRequest(options, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => text += part);
      response.on("end", () => {
        resolve({ status: response.statusCode ?? 0, text });
      });
    });
    request.on("error", reject);
    request.end();
  });
}

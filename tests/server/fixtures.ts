/** Test certificates, and requests that trust their authority. */
import { readFileSync } from "node:fs";
import { request as secureRequest } from "node:https";
import { fileURLToPath } from "node:url";

/** Returns the path of a certificate or key of the tests. */
export function certPath(name: string): string {
  return fileURLToPath(new URL(`certs/${name}`, import.meta.url));
}

/** Returns a certificate or key of the tests as PEM. */
export function pem(name: string): string {
  return readFileSync(certPath(name), "utf8");
}

/** Requests `path` over TLS, trusting the authority of the tests. */
export function getSecure(
  port: number,
  path: string,
  options: object = {},
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const init = {
      host: "127.0.0.1",
      port,
      path,
      ca: pem("ca.pem"),
      agent: false,
      ...options,
    };
    const request = secureRequest(init, (response) => {
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

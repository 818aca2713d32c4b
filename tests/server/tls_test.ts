/** Certificates of a telemetry server, as text or files. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadTls } from "../../src/server/options.ts";
import { certPath, pem } from "./fixtures.ts";

const cert = pem("server.pem");
const key = pem("server.key");

test("loadTls() prefers text to files", () => {
  const clientCa = pem("ca.pem");
  const none = { minVersion: undefined, clientCa: undefined };
  assert.deepEqual(loadTls({ cert, key }), { cert, key, ...none });
  const files = {
    certFile: certPath("server.pem"),
    keyFile: certPath("server.key"),
    clientCaFile: certPath("ca.pem"),
    minVersion: "1.3",
  } as const;
  assert.deepEqual(loadTls(files), { cert, key, clientCa, minVersion: "1.3" });
  assert.equal(loadTls({ ...files, cert: "text" }).cert, "text");
});

test("loadTls() refuses a missing certificate or key, and unreadable files", () => {
  const cases = [
    [{ cert }, /tls has no key; give cert and key/],
    [{ key }, /tls has no certificate; give cert and key/],
    [{}, /tls has no certificate/],
    [{ cert: "", key }, /tls has no certificate/],
    [{ cert, keyFile: "/none/x.key" }, /\/none\/x\.key cannot be read/],
  ] as const;
  for (const [tls, message] of cases) {
    assert.throws(() => loadTls(tls), {
      name: "ServeError",
      fault: "bad_certificate",
      message,
    });
  }
});

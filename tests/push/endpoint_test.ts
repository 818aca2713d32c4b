/** The address of a collector: scheme, path, and what cannot be one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { otlpUrl } from "../../src/push/otlp/endpoint.ts";

function urlOf(endpoint: string): string {
  return otlpUrl(endpoint, "traces").url.href;
}

test("spanExporter() appends /v1/traces to a base path", () => {
  const urls = {
    "http://c": "http://c/v1/traces",
    "http://c/": "http://c/v1/traces",
    "http://c/otlp": "http://c/otlp/v1/traces",
    "http://c/otlp//": "http://c/otlp/v1/traces",
    "http://c/api/public/otel?key=a/b": "http://c/api/public/otel/v1/traces" +
      "?key=a/b",
    "http://c/v1/traces": "http://c/v1/traces",
    "http://c/v1/traces/": "http://c/v1/traces/",
    "http://c/otlp/v1/traces?a=b#c": "http://c/otlp/v1/traces?a=b",
    "http://c/traces": "http://c/traces",
    "http://c/mytraces": "http://c/mytraces/v1/traces",
  };
  for (const [endpoint, url] of Object.entries(urls)) {
    assert.equal(urlOf(endpoint), url, endpoint);
  }
});

test("the address of metrics and logs is that of spans with another path", () => {
  const urls = {
    "http://c": "http://c/v1/metrics",
    "http://c/otlp/": "http://c/otlp/v1/metrics",
    "http://c/v1/metrics": "http://c/v1/metrics",
    "http://c/metrics?a=b": "http://c/metrics?a=b",
  };
  for (const [endpoint, url] of Object.entries(urls)) {
    assert.equal(otlpUrl(endpoint, "metrics").url.href, url);
  }
  assert.equal(otlpUrl("http://c", "logs").url.href, "http://c/v1/logs");
});

test("a URL is used as it is", () => {
  for (const text of ["http://c/", "https://c/a/b?c=d"]) {
    const { url, isGuessedPlain } = otlpUrl(new URL(text), "metrics");
    assert.equal(url.href, text);
    assert.equal(isGuessedPlain, false);
  }
  assert.throws(
    () => otlpUrl(new URL("http://user:hunter2@c/"), "metrics"),
    (error: Error) => !error.message.includes("hunter2"),
  );
});

test("spanExporter() uses http for hosts that are private by name or port", () => {
  const local = [
    "localhost",
    "LocalHost:80",
    "otel.localhost",
    "127.0.0.1",
    "127.0.1.2:9",
    "[::1]",
    "[::1]:4318/otlp",
  ];
  const hosts = [
    "collector",
    "otel-collector:55681",
    "collector/otlp",
    "collector?a=b",
    "otel.example.com:4318",
    "10.0.0.5:4318",
    "[fe80::1]:4318",
    "collector.internal",
    "otel.prod.Internal:9999",
    "nas.local",
    "nas.lan",
    "nas.home.arpa",
    "otel.monitoring.svc",
    "otel.monitoring.svc.cluster.local:80",
  ];
  for (const endpoint of [...local, ...hosts]) {
    const { url: { href: url }, isGuessedPlain } = otlpUrl(endpoint, "traces");
    assert.ok(url.startsWith("http://"), `${endpoint}: ${url}`);
    assert.equal(isGuessedPlain, hosts.includes(endpoint), endpoint);
    const given = otlpUrl(`https://${endpoint}`, "traces");
    assert.ok(given.url.href.startsWith("https://"));
    assert.equal(given.isGuessedPlain, false);
    assert.equal(otlpUrl(`http://${endpoint}`, "traces").isGuessedPlain, false);
  }
});

test("spanExporter() uses https for all other hosts", () => {
  const hosts = [
    "otel.example.com",
    "otel.example.com:443",
    "otel.example.com:14318",
    "otel.example.com/a:4318",
    "otel.example.com/collector.internal",
    "localhost.example.com",
    "internal.example.com",
    "evilinternal.com",
    "8.8.8.8",
    "[2001:db8::1]",
  ];
  for (const host of hosts) {
    assert.ok(urlOf(host).startsWith("https://"), host);
  }
});

test("spanExporter() refuses an address of more than one line", () => {
  for (const wrong of ["http://a\nb", "http://a/\tb", "a\r\nb"]) {
    assert.throws(() => urlOf(wrong), /Cannot export to ".*not one line/);
  }
});

test("spanExporter() keeps the query of the endpoint out of its errors", () => {
  assert.throws(
    () => otlpUrl("ftp://c/?api_key=SECRET", "traces"),
    (error: Error) => !error.message.includes("SECRET"),
  );
});

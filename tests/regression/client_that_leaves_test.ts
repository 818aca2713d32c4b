// A client that hung up was counted as a failure of the server. On Deno, one that
// leaves during its upload shows only as an error of the body.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { systemTimers } from "../../src/base/mod.ts";
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { listen } from "../../src/platform/internal.ts";
import { valueOf } from "../../src/testing/mod.ts";
import { createTracer, type SpanRecord } from "../../src/trace/mod.ts";

const timeout = 120_000;
const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const POST = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nabc";

type Handler = (request: Request) => Promise<Response>;

/** Ends when `signal` aborts, as a call to another service does. */
function untilLeft(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
}

const handlers: Readonly<Record<string, readonly [string, Handler]>> = {
  "with the signal": [GET, ({ signal }) => untilLeft(signal)],
  "with an error of its own": [
    GET,
    ({ signal }) =>
      untilLeft(signal).catch(() => {
        throw new Error("no result");
      }),
  ],
  "by a framework's answer": [
    GET,
    ({ signal }) =>
      untilLeft(signal).catch(() => new Response("", { status: 500 })),
  ],
  "while it reads the body": [POST, async (request) => {
    await request.text();
    return new Response();
  }],
  "while it reads the body in pieces": [POST, async ({ body }) => {
    for await (const _ of body!) { /* until it breaks off */ }
    return new Response();
  }],
  "while it reads a copy of the body": [POST, async (request) => {
    await request.clone().text();
    return new Response();
  }],
  "while it reads a request made of it": [POST, async (request) => {
    await new Request(request).text();
    return new Response();
  }],
  "with the error of the body as cause": [POST, async (request) => {
    await request.text().catch((cause) => {
      throw new Error("invalid order", { cause });
    });
    return new Response();
  }],
};

for (const [how, [text, handler]] of Object.entries(handlers)) {
  test(`a request that fails ${how} after its client has left is no error`, {
    timeout,
  }, async () => {
    const registry = createRegistry();
    const tracer = createTracer({ name: "t" });
    const ended = new Promise<SpanRecord>((resolve) => {
      tracer.onEnd((record) => resolve(record));
    });
    const begun = Promise.withResolvers<void>();
    const observed = instrumentHandler((request: Request) => {
      begun.resolve();
      return handler(request);
    }, { registry, tracer });
    const server = await listen(
      (request) =>
        observed(request).catch(() => new Response("", { status: 500 })),
      { port: 0, hostname: "127.0.0.1", timers: systemTimers },
    );
    const client = connect(server.port!, "127.0.0.1", () => client.write(text));
    await begun.promise;
    client.destroy();
    const { status, attributes, events } = await ended;
    assert.equal(status.code, "unset");
    assert.equal(attributes["http.response.status_code"], 499);
    assert.equal(attributes["error.type"], undefined);
    assert.deepEqual(events, []);
    const method = text.slice(0, text.indexOf(" "));
    const at = { method, route: "unknown", status_class: "4xx" };
    assert.equal(valueOf(registry, "http_requests_total", at), 1);
    assert.equal(valueOf(registry, "http_requests_in_flight", { method }), 0);
    await server.stop(1);
  });
}

test("an error of a handler whose client waits stays an error", {
  timeout,
}, async () => {
  const registry = createRegistry();
  const failures: readonly Handler[] = [
    () => Promise.reject(new Error("boom")),
    ({ signal }) =>
      Promise.reject(signal.reason ?? new DOMException("", "AbortError")),
    () => Promise.resolve(new Response("", { status: 503 })),
    async (request) => {
      await request.text();
      const closed = new Error("Bad resource ID");
      closed.name = "BadResource"; // of a file
      throw closed;
    },
  ];
  for (const [index, failure] of failures.entries()) {
    const observed = instrumentHandler(failure, { registry });
    const server = await listen(
      (request) =>
        observed(request).catch(() => new Response("", { status: 500 })),
      { port: 0, hostname: "127.0.0.1", timers: systemTimers },
    );
    const url = `http://127.0.0.1:${server.port}/`;
    await (await fetch(url, { method: "POST", body: "abc" })).text();
    const at = { method: "POST", route: "unknown", status_class: "5xx" };
    assert.equal(valueOf(registry, "http_requests_total", at), index + 1);
    await server.stop(1);
  }
});

const errors = {
  "a body that broke off": "Cannot read request body as underlying resource " +
    "unavailable",
  "a malformed body": "invalid HTTP/1 request: Invalid chunk size line",
};

for (const [what, message] of Object.entries(errors)) {
  test(`the error of ${what} is known by its message, in a chain of causes`, () => {
    const registry = createRegistry();
    const observed = instrumentHandler((): Response => {
      const cause = new Error("proxy", { cause: new Error(message) });
      throw new TypeError("fetch failed", { cause });
    }, { registry });
    const fails = (method: string, body: string | null) =>
      assert.throws(() => observed(new Request("http://x/", { method, body })));
    fails("POST", "abc");
    fails("GET", null); // not the request's body
    for (
      const [method, status_class] of [["POST", "4xx"], ["GET", "5xx"]] as const
    ) {
      const at = { method, route: "unknown", status_class };
      assert.equal(valueOf(registry, "http_requests_total", at), 1);
    }
  });
}

test("a cancellation of the program's own is an error", () => {
  const words = "The request has been cancelled.";
  const causes = {
    "4xx": new DOMException(words, "AbortError"), // the reason of Deno's signal
    "5xx": new Error(words),
  };
  for (const [status_class, cause] of Object.entries(causes)) {
    const registry = createRegistry();
    const observed = instrumentHandler((): Response => {
      throw new Error("no result", { cause });
    }, { registry });
    assert.throws(() => observed(new Request("http://x/")), /no result/);
    const at = { method: "GET", route: "unknown", status_class };
    assert.equal(valueOf(registry, "http_requests_total", at), 1);
  }
});

// Deno creates the signal at the first read, and logs a paragraph about it.
test("a failure does not read a signal that Deno has not created", () => {
  let reads = 0;
  const request = Object.defineProperty(new Request("http://x/"), "signal", {
    get: () => void reads++,
  });
  const observed = instrumentHandler(
    () => new Response("", { status: 500 }),
    { registry: createRegistry() },
  );
  observed(request);
  assert.equal(reads, "Deno" in globalThis ? 0 : 1);
});

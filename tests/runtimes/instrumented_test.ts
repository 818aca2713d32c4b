import assert from "node:assert/strict";
import { test } from "node:test";
import { metricsHandler } from "../../src/http/mod.ts";
import { instrumentHandler } from "../../src/instrument/mod.ts";
import { setUp } from "../instrument/fixtures.ts";
import {
  type AppHandler,
  needsSockets,
  type RunningServer,
  serve,
} from "./server.ts";
import { rawRequest } from "./wire.ts";

async function served(
  server: RunningServer,
  work: (url: string) => Promise<void>,
): Promise<void> {
  try {
    await work(server.url);
  } finally {
    await server.stop();
  }
}

test("an instrumented server counts requests, streams and failures", async () => {
  const { registry, requests, inFlight } = setUp();
  const app = instrumentHandler((request: Request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/stream") {
      return new Response(new Blob(["one ", "two"]).stream());
    }
    return new Response("hello", { status: pathname === "/" ? 200 : 404 });
  }, { registry, route: "/" });
  await served(serve(app), async (url) => {
    assert.equal(await (await fetch(url)).text(), "hello");
    assert.equal(await (await fetch(`${url}/stream`)).text(), "one two");
    await (await fetch(`${url}/nothing`)).text();
    assert.equal(requests("GET", "2xx", "/"), 2);
    assert.equal(requests("GET", "4xx", "/"), 1);
    assert.equal(inFlight(), 0);
  });
});

test("handlers on several routes share one set of metrics, each with its route", async () => {
  const { registry, requests } = setUp();
  const hello = () => new Response("hello");
  const routes = {
    "/users/:id": instrumentHandler(hello, { registry, route: "/users/:id" }),
    "/shop": instrumentHandler(hello, { registry, route: "/shop" }),
    "/metrics": metricsHandler(registry),
  };
  const app: AppHandler = () => new Response("nothing", { status: 404 });
  await served(serve(app, routes), async (url) => {
    for (const path of ["/users/1", "/users/2", "/shop", "/else"]) {
      await (await fetch(url + path)).text();
    }
    const text = await (await fetch(`${url}/metrics`)).text();
    assert.match(
      text,
      /^http_requests_total\{method="GET",route="\/shop",status_class="2xx"\} 1$/m,
    );
    assert.doesNotMatch(text, /users\/[12]|else/);
    assert.equal(requests("GET", "2xx", "/users/:id"), 2);
  });
});

test("a request body of known size is observed and reaches the handler", async () => {
  const { registry, requestSize } = setUp();
  const app = instrumentHandler(
    async (request: Request) => new Response(await request.text()),
    { registry },
  );
  await served(serve(app), async (url) => {
    const echo = await fetch(url, { method: "POST", body: "x".repeat(300) });
    assert.equal((await echo.text()).length, 300);
    assert.equal(requestSize("POST")?.sum, 300);
  });
});

test("a handler that throws counts as 5xx, and the server keeps serving", async () => {
  const { registry, requests, inFlight } = setUp();
  // Some servers print the error and send it to the client: catch it here.
  const app = instrumentHandler((request: Request) => {
    if (request.url.endsWith("/broken")) throw new Error("broken");
    return new Response("fine");
  }, { registry });
  const guarded: AppHandler = (request) => {
    try {
      return app(request);
    } catch (error) {
      assert.match(String(error), /broken/);
      return new Response(null, { status: 500 });
    }
  };
  await served(serve(guarded), async (url) => {
    assert.equal((await fetch(`${url}/broken`)).status, 500);
    assert.equal(await (await fetch(url)).text(), "fine");
    assert.equal(requests("GET", "5xx"), 1);
    assert.equal(requests("GET", "2xx"), 1);
    assert.equal(inFlight(), 0);
  });
});

test(
  "a WebSocket works through an instrumented handler and counts as 1xx",
  needsSockets(),
  async () => {
    const { registry, requests, inFlight } = setUp();
    const app = instrumentHandler(
      (request: Request, extra?: unknown) => server.upgrade(request, extra),
      { registry, route: "/socket" },
    );
    const server = serve(app);
    await served(server, async (url) => {
      const socket = new WebSocket(url.replace("http", "ws"));
      const echo = await new Promise((resolve, reject) => {
        socket.onopen = () => socket.send("hello");
        socket.onmessage = ({ data }) => resolve(data);
        socket.onerror = reject;
      });
      assert.equal(echo, "hello");
      const closed = new Promise((resolve) => socket.onclose = resolve);
      socket.close();
      await closed;
      assert.equal(requests("GET", "1xx", "/socket"), 1);
      assert.equal(inFlight(), 0);
    });
  },
);

test("a request whose client disconnects during the stream is counted once", async () => {
  const { registry, requests, inFlight } = setUp();
  const cancelled = Promise.withResolvers<void>();
  const app = instrumentHandler(() => {
    const endless = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(1024)),
      cancel: () => cancelled.resolve(),
    });
    return new Response(endless);
  }, { registry });
  await served(serve(app), async (url) => {
    const client = new AbortController();
    const response = await fetch(url, { signal: client.signal });
    await response.body!.getReader().read();
    assert.equal(requests("GET", "2xx"), 1);
    client.abort();
    await cancelled.promise; // the stream of the handler is cancelled
    assert.equal(requests("GET", "2xx"), 1);
    assert.equal(inFlight(), 0);
  });
});

test("a request whose client has disconnected is in flight until the handler answers", async () => {
  const { registry, requests, inFlight } = setUp();
  const arrived = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const ready = Promise.withResolvers<Response>();
  const settled = Promise.withResolvers<void>();
  const app = instrumentHandler((request: Request) => {
    request.signal.addEventListener("abort", () => left.resolve());
    arrived.resolve();
    return ready.promise;
  }, {
    registry,
    route: () => {
      settled.resolve();
      return "/slow";
    },
  });
  await served(serve(app), async (url) => {
    const client = new AbortController();
    const lost = fetch(url, { signal: client.signal });
    await arrived.promise;
    client.abort();
    await assert.rejects(lost, { name: "AbortError" });
    await left.promise;
    assert.equal(inFlight(), 1);
    ready.resolve(new Response("too late"));
    await settled.promise;
    assert.equal(inFlight(), 0);
    assert.equal(requests("GET", "2xx", "/slow"), 1);
  });
});

test("a Content-Length of HEAD reaches the client but not the metrics", async () => {
  const { registry, requests, responseSize } = setUp();
  const app = instrumentHandler(
    () => new Response("hello", { headers: { "content-length": "5" } }),
    { registry },
  );
  const server = serve(app);
  await served(server, async () => {
    const head = await rawRequest(server.port, "HEAD /");
    assert.equal(head.headers.get("content-length"), "5");
    await rawRequest(server.port, "GET /");
    assert.equal(requests("HEAD", "2xx"), 1);
    assert.equal(responseSize("HEAD", "2xx"), undefined);
    assert.equal(responseSize("GET", "2xx")?.sum, 5);
  });
});

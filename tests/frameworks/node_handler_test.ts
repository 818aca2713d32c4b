/** nodeHandler(): fetch-style handlers behind `node:http` and Express. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { test } from "node:test";
import { createRegistry, createTelemetry } from "../../mod.ts";
import { type FetchHandler, nodeHandler } from "../../src/frameworks/mod.ts";
import { RUNTIME } from "../runtimes/server.ts";
import * as fc from "../support/property.ts";
import { type App, stream } from "./app.ts";
import { appOfListener, leaving, sentRaw, until } from "./node_app.ts";

const timeout = 120_000;

/** Serves a handler while `work` runs; returns the lines that were logged. */
async function serving(
  handler: FetchHandler,
  work: (app: App & { readonly port: number }) => Promise<void>,
): Promise<string[]> {
  const logged: string[] = [];
  const { warn } = console;
  console.warn = (line: string) => logged.push(line);
  const app = await appOfListener(nodeHandler(handler));
  try {
    await work(app);
  } finally {
    await app.close!();
    console.warn = warn;
  }
  return logged;
}

test(
  "law: nodeHandler() passes methods, URLs, headers, bodies and cookies on",
  {
    timeout,
  },
  async () => {
    const token = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
    const value = fc.stringMatching(/^[!-~]{1,20}$/);
    // The client of Bun sends one slash for two.
    const path = fc.webPath({ size: "small" })
      .filter((path) => !path.includes("//"));
    const query = fc.webQueryParameters({ size: "small" });
    let seen:
      | { method: string; url: string; custom: string | null }
      | undefined;
    let answer = { status: 200, custom: "", cookies: [] as string[] };
    await serving(async (request) => {
      seen = {
        method: request.method,
        url: request.url,
        custom: request.headers.get("x-custom"),
      };
      const headers = new Headers({ "x-custom": answer.custom });
      for (const cookie of answer.cookies) headers.append("set-cookie", cookie);
      return new Response(await request.arrayBuffer(), {
        status: answer.status,
        headers,
      });
    }, async ({ send, port }) => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom("POST", "PUT", "PATCH", "DELETE", "OPTIONS"),
          path,
          query,
          value,
          fc.nat({ max: 300_000 }),
          // Without those that have no body, and 421, which clients repeat.
          fc.constantFrom(
            200,
            201,
            206,
            299,
            302,
            400,
            404,
            499,
            500,
            503,
            599,
          ),
          fc.array(fc.tuple(token, token).map(([a, b]) => `${a}=${b}`), {
            maxLength: 3,
          }),
          async (method, path, query, custom, size, status, cookies) => {
            const body = new Uint8Array(size).fill(size);
            answer = { status, custom, cookies };
            const target = (path || "/") + (query && `?${query}`);
            const response = await send(target, {
              method,
              headers: { "x-custom": custom },
              body,
              redirect: "manual",
            });
            const { url } = new Request(`http://127.0.0.1:${port}${target}`);
            assert.deepEqual(seen, { method, url: url.split("#")[0], custom });
            assert.equal(response.status, status);
            assert.equal(response.headers.get("x-custom"), custom);
            assert.deepEqual(response.headers.getSetCookie(), cookies);
            assert.deepEqual(
              new Uint8Array(await response.arrayBuffer()),
              body,
            );
          },
        ),
        { numRuns: 60 },
      );
    });
  },
);

test("nodeHandler() reads and writes bodies as they come", {
  timeout,
}, async () => {
  const text = "Ada".repeat(500_000);
  await serving((request) => new Response(request.body), async ({ send }) => {
    const response = await send("/", { method: "POST", body: text });
    assert.equal(await response.text(), text);
    const empty = await send("/", { method: "POST" });
    assert.equal(await empty.text(), "");
  });
  // A body that nobody reads does not spoil the connection.
  await serving(() => new Response("unread"), async ({ port }) => {
    const post = "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc";
    const get = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    const answers = await sentRaw(port, post, get);
    assert.equal(answers.split("HTTP/1.1 200").length - 1, 2);
  });
  // Nor does one that is given up.
  await serving(async ({ body }) => {
    const reader = body!.getReader();
    const { value } = await reader.read();
    await reader.cancel();
    return new Response(`${value!.length > 0}`);
  }, async ({ send }) => {
    const response = await send("/", { method: "POST", body: text });
    assert.equal(await response.text(), "true");
  });
});

test("nodeHandler() sends headers before the first chunk of a feed", {
  timeout,
}, async () => {
  let publish = () => {};
  const feed = () =>
    new Response(
      new ReadableStream({
        start(controller) {
          publish = () => {
            controller.enqueue(new TextEncoder().encode("data: 1\n\n"));
            controller.close();
          };
        },
      }),
      { headers: { "content-type": "text/event-stream" } },
    );
  await serving(feed, async ({ send }) => {
    const response = await send("/");
    publish();
    assert.equal(await response.text(), "data: 1\n\n");
  });
});

test("nodeHandler() sends no body after HEAD, 204 and 304", {
  timeout,
}, async () => {
  let cancelled = 0;
  const body = () => new ReadableStream({ cancel: () => void cancelled++ });
  await serving(({ method, url }) => {
    if (method === "HEAD") {
      return new Response(body(), { headers: { "content-length": "9" } });
    }
    return new Response(null, { status: Number(url.slice(-3)) });
  }, async ({ port }) => {
    const close = "HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    const head = await sentRaw(port, `HEAD / ${close}`);
    assert.match(head, /\r\ncontent-length: 9\r\n[^]*\r\n\r\n$/i);
    await until(() => cancelled === 1);
    for (const status of ["204", "304"]) {
      const answer = await sentRaw(port, `GET /${status} ${close}`);
      assert.match(answer, new RegExp(`^HTTP/1.1 ${status} [^]*\r\n\r\n$`));
    }
  });
});

test("nodeHandler() answers 500 once if a handler fails, and logs the error", {
  timeout,
}, async () => {
  const failing: readonly FetchHandler[] = [
    () => {
      throw new Error("on purpose");
    },
    () => Promise.reject(new Error("on purpose")),
    () => "no response" as unknown as Response,
    () => ({ status: 700_000, headers: new Headers(), body: null }) as Response,
    () => Response.error(),
    async () => {
      const response = new Response("used");
      await response.text();
      return response;
    },
  ];
  for (const handler of failing) {
    const logged = await serving(handler, async ({ send }) => {
      const response = await send("/");
      assert.equal(response.status, 500);
      assert.equal(await response.text(), "internal error\n");
    });
    assert.equal(logged.length, 1);
    assert.match(logged[0]!, /^barograph: a handler has failed: /);
  }
});

test("nodeHandler() breaks a response off if its body fails", {
  timeout,
}, async () => {
  let pulls = 0;
  const broken = () =>
    new Response(
      new ReadableStream({
        pull(controller) {
          if (pulls++ > 0) throw new Error("on purpose");
          controller.enqueue(new TextEncoder().encode("first"));
        },
      }),
    );
  await serving(broken, async ({ send }) => {
    const response = await send("/");
    await assert.rejects(response.text());
  });
});

test("nodeHandler() answers 404 instead of nothing", { timeout }, async () => {
  await serving(() => undefined, async ({ send }) => {
    assert.equal((await send("/")).status, 404);
  });
});

test("nodeHandler() aborts the signal when the client leaves, and only then", {
  timeout,
}, async () => {
  const signals: AbortSignal[] = [];
  const get = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
  const logged = await serving(async ({ signal }) => {
    signals.push(signal);
    if (signals.length === 1) return new Response("all of it");
    await new Promise((left) => signal.addEventListener("abort", left));
    throw new Error("too late for an answer");
  }, async ({ send, port }) => {
    await (await send("/")).text();
    await leaving(port, get, () => signals.length === 2);
    await until(() => signals[1]!.aborted);
    // Also a request that waits behind another one of its connection.
    await leaving(port, get + get, () => signals.length === 4);
    await until(() => signals[2]!.aborted && signals[3]!.aborted);
  });
  assert.equal(signals[0]!.aborted, false);
  assert.deepEqual(logged, []);
});

test("nodeHandler() cancels a body that nobody reads any more", {
  timeout,
}, async () => {
  let pulled = 0;
  let cancelled = 0;
  const endless = () =>
    new Response(
      new ReadableStream({
        pull(controller) {
          pulled++;
          controller.enqueue(new Uint8Array(65_536));
        },
        cancel: () => void cancelled++,
      }),
    );
  const get = "GET / HTTP/1.1\r\nhost: x\r\n\r\n";
  await serving(endless, async ({ port }) => {
    for (const count of [1, 2]) {
      await leaving(port, get.repeat(count), () => pulled > 10 * count);
      await until(() => cancelled === (count === 1 ? 1 : 3));
    }
  });
});

test("nodeHandler() takes endpoints and observed handlers", {
  timeout,
}, async () => {
  const telemetry = createTelemetry({ registry: createRegistry() });
  const app = telemetry.observe(() => new Response(stream()), {
    route: "/all",
  });
  await serving((request) => app(request), async ({ send }) => {
    assert.equal(await (await send("/a")).text(), "first,second");
    const metrics = await (await send("/metrics")).text();
    assert.match(metrics, /http_requests_total\{.*route="\/all".*\} 1/);
  });
  await serving(telemetry.endpoints.metrics, async ({ send }) => {
    assert.equal((await send("/anywhere")).status, 200);
  });
  await telemetry.close();
});

test("nodeHandler() trusts no header but Host", { timeout }, async () => {
  const urls: string[] = [];
  await serving(({ url }) => {
    urls.push(url);
    return new Response();
  }, async ({ port }) => {
    const request = (target: string, host: string) =>
      sentRaw(
        port,
        `GET ${target} HTTP/1.1\r\n${host}x-forwarded-host: evil.example\r\n` +
          `x-forwarded-proto: https\r\nforwarded: host=evil.example\r\n` +
          `connection: close\r\n\r\n`,
      );
    await request("/a", "host: shop.example:81\r\n");
    await request("http://evil.example/b?c", "host: shop.example\r\n");
    await request("//evil.example/d", "host: shop.example\r\n");
    await sentRaw(port, "GET /old HTTP/1.0\r\n\r\n");
  });
  assert.deepEqual(urls, [
    "http://shop.example:81/a",
    "http://shop.example/b?c",
    "http://shop.example//evil.example/d",
    "http://localhost/old",
  ]);
});

test(
  "nodeHandler() takes requests without a URL, and answers forbidden methods",
  {
    timeout,
  },
  async () => {
    const urls: string[] = [];
    const handler = nodeHandler(({ url }) => {
      urls.push(url);
      return new Response();
    });
    const app = await appOfListener((request, response) => {
      if (request.headers["x-case"] === "none") delete request.url;
      void handler(request, response);
    });
    const response = await app.send("/gone", { headers: { "x-case": "none" } });
    assert.equal(response.status, 200);
    assert.deepEqual(urls, [`http://127.0.0.1:${app.port}/`]);
    const trace = "TRACE / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    const status = RUNTIME === "bun" ? 200 : 405; // Bun makes such a Request
    assert.match(
      await sentRaw(app.port, trace),
      new RegExp(`^HTTP/1.1 ${status}`),
    );
    await app.close!();
  },
);

test("nodeHandler() writes nothing after the end", { timeout }, async () => {
  let handled = 0;
  const handler = nodeHandler(() => {
    handled++;
    return new Response("late");
  });
  const server = createServer((request, response) => {
    response.end("early");
    void handler(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const get = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
  assert.match(
    await sentRaw(port, get),
    /\r\n\r\n(5\r\n)?early(\r\n0\r\n\r\n)?$/,
  );
  assert.equal(handled, 1);
  server.close();
});

test("nodeHandler() refuses a handler that is no function", () => {
  assert.throws(
    () => nodeHandler({} as FetchHandler),
    /Cannot make a listener of a handler of type object: give a function/,
  );
});

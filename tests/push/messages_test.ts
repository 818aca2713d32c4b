/** Tests of reported errors: the words of the collector, and the log. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { spanExporter } from "../../src/push/mod.ts";
import { partialSuccess } from "../support/otlp_reader.ts";
import { PushTimers } from "./fixtures.ts";
import { give, setUp } from "./set_up.ts";

const timeout = 120_000;

/** Runs `work` and returns the lines that it logs. */
async function logged(work: () => Promise<unknown>): Promise<string[]> {
  const lines: string[] = [];
  const { warn } = console;
  console.warn = (...args: unknown[]) => void lines.push(args.join(" "));
  try {
    await work();
  } finally {
    console.warn = warn;
  }
  return lines;
}

/** A `google.rpc.Status` with a code and a message, as protobuf. */
function statusOf(message: string): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(message);
  return new Uint8Array([8, 3, 18, bytes.length, ...bytes]);
}

test("onError gets the words of the collector in every encoding", {
  timeout,
}, async () => {
  const words = "unknown tenant";
  const bodies:
    readonly (readonly [string, string | Uint8Array<ArrayBuffer>])[] = [
      ["text/plain", words],
      ["text/plain", `  unknown\r\n\u001b[2J  tenant\u0000`],
      ["application/json", JSON.stringify({ code: 3, message: words })],
      ["application/x-protobuf", statusOf(words)],
    ];
  for (const [type, body] of bodies) {
    for (const status of [400, 503]) {
      const { exporter, timers, errors } = setUp(
        { interval: 1 },
        () => new Response(body, { status, headers: { "content-type": type } }),
      );
      give(exporter, 1, 1);
      await timers.pass(1);
      const { message } = errors[0]!;
      assert.equal(
        message.replace(" [2J", ""),
        `the collector answered ${status}: ${words}`,
      );
      void exporter.shutdown(0);
    }
  }
});

test("errors have no secrets that the collector repeats", {
  timeout,
}, async () => {
  const headers = {
    authorization: "Bearer 4f5b2a9c",
    "x-api-key": "abc-123-def",
    "x-tenant": "production",
  };
  const words =
    "Bearer 4f5b2a9c: no token 4f5b2a9c of production (abc-123-def)";
  for (const status of [401, 503, 200]) {
    const { exporter, timers, errors } = setUp(
      { interval: 1, headers, protocol: "json" },
      () => {
        const isWarning = status === 200;
        const body = isWarning
          ? JSON.stringify({ partialSuccess: { errorMessage: words } })
          : words;
        const type = isWarning ? "application/json" : "text/plain";
        return new Response(body, {
          status,
          headers: { "content-type": type },
        });
      },
    );
    give(exporter, 1, 1);
    await timers.pass(1);
    assert.match(errors[0]!.message, /: …: no token … of production \(…\)$/);
    void exporter.shutdown(0);
  }
});

test("the title of a web page is looked for in its first 4 KiB alone", {
  timeout,
}, async () => {
  // A search for titles takes time that grows with the square of the length.
  const page = `<html>${"<title".repeat(700)}><title>Sign in</title>`;
  const { exporter, timers, errors } = setUp(
    { interval: 1 },
    () => new Response(page, { headers: { "content-type": "text/html" } }),
  );
  give(exporter, 1, 1);
  await timers.pass(1);
  assert.match(errors[0]!.message, /answered 200: a web page; check/);
});

test("a web page is no answer of a collector; its title is reported", {
  timeout,
}, async () => {
  const page = (status: number, body: string) =>
    new Response(body, { status, headers: { "content-type": "text/html" } });
  const cases: readonly (readonly [Response, string])[] = [
    [
      page(404, "<html>\r\n<title>404 Not Found</title><hr>nginx"),
      'answered 404: a web page with the title "404 Not Found"; check the ' +
      "endpoint",
    ],
    [
      page(200, "\n<html><body>Log in"),
      "answered 200: a web page; check the endpoint",
    ],
    [
      page(403, "<title>Forbidden</title>"),
      'answered 403: a web page with the title "Forbidden"',
    ],
    [page(400, "unknown tenant"), "answered 400: unknown tenant"],
  ];
  for (const [response, words] of cases) {
    const { exporter, errors } = setUp({}, () => response);
    give(exporter, 1, 1);
    await exporter.flush();
    assert.deepEqual(errors.map(({ message }) => message), [
      `the collector ${words}`,
    ]);
    assert.equal(exporter.stats().rejected, 1);
  }
  // The type alone says nothing: it is the default of many servers.
  const { exporter } = setUp({}, () => page(200, ""));
  give(exporter, 1, 1);
  await exporter.flush();
  assert.equal(exporter.stats().exported, 1);
});

test("failures of a connection say what may be wrong", {
  timeout,
}, async () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      "http://a.test:4317",
      "error sending request from 127.0.0.1:1 for http://a.test/ (b): " +
      "client error (SendRequest): invalid HTTP version parsed",
      "client error (SendRequest): invalid HTTP version parsed; it may be a " +
      "port of gRPC, not of HTTP",
    ],
    [
      "http://a.test",
      "other side closed",
      "other side closed; if it expects TLS, give https://",
    ],
    ["https://a.test", "other side closed", "other side closed"],
    [
      "https://a.test",
      "SSL routines: wrong version number",
      "SSL routines: wrong version number; if it has no TLS, give http://",
    ],
  ];
  for (const [endpoint, thrown, expected] of cases) {
    const { exporter, timers, errors } = setUp({ endpoint }, () => {
      throw new TypeError("fetch failed", { cause: new Error(thrown) });
    });
    give(exporter, 1, 1);
    await timers.pass(5);
    assert.equal(errors[0]!.message, `fetch failed: ${expected}`);
    void exporter.shutdown(0);
  }
});

test("onError gets few words of a long response, and waits a second for them", {
  timeout,
}, async () => {
  const { exporter, errors } = setUp(
    {},
    () => new Response("x".repeat(2 ** 20), { status: 400 }),
  );
  give(exporter, 1, 1);
  await exporter.flush();
  assert.ok(errors[0]!.message.length < 600);

  const stalled = () =>
    new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array([104, 105])),
    });
  const slow = setUp(
    { interval: 1 },
    () => new Response(stalled(), { status: 400 }),
  );
  give(slow.exporter, 1, 1);
  slow.timers.hung = 1; // the body of the response never ends
  await slow.timers.pass(2.1);
  assert.deepEqual(slow.errors.map(({ message }) => message), [
    "the collector answered 400: hi",
  ]);
});

test("onError gets the reason of a partial success, and a warning", {
  timeout,
}, async () => {
  for (const rejected of [2, 0]) {
    const { exporter, errors } = setUp(
      { protocol: "json" },
      () =>
        Response.json({
          partialSuccess: { rejectedSpans: rejected, errorMessage: "too old" },
        }),
    );
    give(exporter, 1, 3);
    await exporter.flush();
    assert.equal(exporter.stats().rejected, rejected);
    assert.match(errors[0]!.message, /(?:rejected 2 spans|warns): too old$/);
  }
  const { exporter, errors } = setUp(
    {},
    () => new Response(partialSuccess(1, "application/x-protobuf")),
  );
  give(exporter, 1, 1);
  await exporter.flush();
  assert.match(errors[0]!.message, /^the collector has rejected 1 spans/);
});

test("spanExporter() without onError logs the first failure in one line", {
  timeout,
}, async () => {
  const lines = await logged(async () => {
    const { exporter } = setUp(
      { batch: 1, onError: undefined },
      () => new Response("no\nsuch tenant", { status: 404 }),
    );
    give(exporter, 1, 5);
    await exporter.flush();
  });
  assert.deepEqual(lines, [
    "barograph: cannot export spans to http://collector/v1/traces: the " +
    "collector answered 404: no such tenant; give the option onError to " +
    "get further failures",
  ]);
});

test("spanExporter() logs nothing with onError, nor without a failure", {
  timeout,
}, async () => {
  const lines = await logged(async () => {
    const failing = setUp({}, () => new Response("no", { status: 404 }));
    give(failing.exporter, 1, 5);
    await failing.exporter.flush();
    const fine = setUp({ onError: undefined });
    give(fine.exporter, 1, 5);
    await fine.exporter.flush();
  });
  assert.deepEqual(lines, []);
});

test("spanExporter() survives a log that throws", { timeout }, async () => {
  const { warn } = console;
  console.warn = () => {
    throw new Error("no log");
  };
  try {
    const { exporter } = setUp(
      { onError: undefined },
      () => new Response(null, { status: 404 }),
    );
    give(exporter, 1, 5);
    assert.equal(await exporter.flush(), true);
  } finally {
    console.warn = warn;
  }
});

test("spanExporter() logs that it has chosen plain text for another host", async () => {
  const lines = await logged(async () => {
    for (const endpoint of ["collector:4318", "localhost:4318", "http://c"]) {
      spanExporter({ endpoint });
    }
    await Promise.resolve();
  });
  assert.deepEqual(lines, [
    "barograph: spans are exported to http://collector:4318/v1/traces without " +
    'encryption; give "https://collector:4318" for TLS, or ' +
    '"http://collector:4318" to confirm',
  ]);
});

test("onError and random may reject, throw and return nonsense", {
  timeout,
}, async () => {
  const throws = () => {
    throw new Error("listener");
  };
  const rejects = () => Promise.reject(new Error("later"));
  for (const onError of [throws, rejects]) {
    for (const random of [throws, rejects, () => NaN, () => 7]) {
      const { exporter, timers } = setUp(
        { interval: 1, onError, random: random as () => number },
        (_sent, nth) => new Response(null, { status: nth < 3 ? 503 : 200 }),
      );
      give(exporter, 1, 1);
      await timers.pass(1);
      assert.deepEqual(timers.waits, [1]); // the longest first backoff
      await timers.pass(60);
      assert.equal(exporter.stats().exported, 1);
    }
  }
});

test("spanExporter() reports a fetch that is none", { timeout }, async () => {
  const wrong: readonly (() => unknown)[] = [
    () => undefined,
    () => 7,
    () => ({ status: 200, body: { getReader: null } }),
    () => {
      throw "no error";
    },
    () => Promise.reject(undefined),
  ];
  for (const fetch of wrong) {
    const timers = new PushTimers();
    const { exporter, errors } = setUp({ fetch: fetch as never, timers });
    give(exporter, 1, 1);
    const ended = exporter.shutdown(2);
    await timers.pass(2);
    const isComplete = await ended;
    const { exported, lost } = exporter.stats();
    assert.equal(exported + lost, 1);
    assert.equal(isComplete, exported === 1);
    if (exported === 0) assert.ok(errors[0] instanceof Error);
  }
});

test("spanExporter() reports the causes of a failed fetch, and no query", {
  timeout,
}, async () => {
  const causes = (depth: number): Error =>
    new Error(`cause ${depth}`, {
      cause: depth < 9 ? causes(depth + 1) : undefined,
    });
  const { exporter, errors } = setUp({
    endpoint: "http://collector/?api_key=SECRET",
    fetch: (url) =>
      Promise.reject(
        new TypeError(`no answer from ${url}`, { cause: causes(1) }),
      ),
  });
  give(exporter, 1, 1);
  // Not `AbortSignal.timeout`, which does not hold the process on Node.
  const limit = new AbortController();
  setTimeout(() => limit.abort(), 50);
  await exporter.flush(limit.signal);
  assert.equal(
    errors[0]!.message,
    "no answer from http://collector/v1/traces?…: cause 1: cause 2: cause 3",
  );
  void exporter.shutdown(0);
});

test("spanExporter() logs no query, and hints at the port of gRPC", {
  timeout,
}, async () => {
  const lines = await logged(async () => {
    const { exporter } = setUp(
      {
        endpoint: "collector:4317?api_key=SECRET",
        batch: 1,
        onError: undefined,
      },
      () => new Response("no", { status: 404 }),
    );
    give(exporter, 1, 1);
    await exporter.flush();
  });
  assert.equal(lines.length, 2);
  for (const line of lines) {
    assert.match(line, / http:\/\/collector:4317\/v1\/traces\?… ?/);
  }
  assert.match(
    lines[1]!,
    /; 4317 is the port of gRPC, try 4318; give the option /,
  );
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { createRegistry, createTelemetry } from "../../mod.ts";
import { Redaction } from "../../src/dashboard/redaction.ts";
import {
  type Attributes,
  createTracer,
  type SpanKind,
  type SpanRecord,
} from "../../src/trace/mod.ts";
import * as fc from "../support/property.ts";

const NOTHING = { redact: undefined, queries: false, headers: [] };

/** Returns the record of a span that has failed with `error`. */
function recordOf(
  kind: SpanKind,
  attributes: Attributes,
  error?: string,
): SpanRecord {
  const tracer = createTracer({ name: "shop" });
  let record: SpanRecord | undefined;
  using _ = tracer.onEnd((ended) => void (record = ended));
  const span = tracer.start("GET /users/:id", { kind, attributes });
  if (error !== undefined) {
    span.recordException(new Error(error)).setStatus("error", error);
  }
  span.end();
  return record!;
}

test("query strings and headers are shown only if the options allow it", () => {
  const record = recordOf("server", {
    "url.path": "/users/7",
    "url.query": "token=1",
    "url.full": "https://a.example/b?token=1#c",
    "http.target": "/b?token=1",
    "http.request.header.cookie": ["a=1"],
    "http.request.header.x-request-id": ["7"],
    "http.response.header.set-cookie": ["b=1"],
    "user_agent.original": "curl",
    other: "x?y",
  });
  assert.deepEqual({ ...new Redaction(NOTHING).span(record)!.attributes }, {
    "url.path": "/users/7",
    "url.full": "https://a.example/b",
    "http.target": "/b",
    other: "x?y",
  });
  const open = new Redaction({
    ...NOTHING,
    queries: true,
    headers: ["X-Request-Id", "user-agent"],
  });
  assert.deepEqual({ ...open.span(record)!.attributes }, {
    "url.path": "/users/7",
    "url.query": "token=1",
    "url.full": "https://a.example/b?token=1#c",
    "http.target": "/b?token=1",
    "http.request.header.x-request-id": ["7"],
    "user_agent.original": "curl",
    other: "x?y",
  });
});

test("credentials in URLs are never shown", () => {
  const record = recordOf("client", {
    "url.full": "https://ada:secret@a.example:1/b@c?d=e@f",
    "http.url": "HTTP://secret@a.example",
    "http.target": "/b@c",
  });
  for (const queries of [false, true]) {
    const { span } = new Redaction({ ...NOTHING, queries });
    assert.deepEqual({ ...span(record)!.attributes }, {
      "url.full": `https://a.example:1/b@c${queries ? "?d=e@f" : ""}`,
      "http.url": "HTTP://a.example",
      "http.target": "/b@c",
    });
  }
});

test("values of redact that are no attributes are not shown", () => {
  const circle: Record<string, unknown> = {};
  circle["circle"] = circle;
  const { span } = new Redaction({
    ...NOTHING,
    redact: (event) => {
      const attributes = { ...circle, big: 1n, date: new Date(), a: 1 };
      return { ...event, data: { ...event.data as object, attributes } };
    },
  });
  const shown = span(recordOf("server", { "url.path": "/x" }))!;
  assert.deepEqual(JSON.parse(JSON.stringify(shown)).attributes, { a: 1 });
});

test("redact may change an event in place, and changes no span", () => {
  const redaction = new Redaction({
    ...NOTHING,
    redact(event) {
      const data = event.data as Record<string, unknown>;
      const attributes = data["attributes"] as Record<string, unknown>;
      data["path"] = "/…";
      delete data["error"];
      delete attributes["url.path"];
      (attributes["list"] as string[])[0] = "";
      return event;
    },
  });
  const attributes = { "url.path": "/secret", list: ["secret"] };
  const record = recordOf("server", attributes, "secret");
  const before = JSON.stringify(record);
  const shown = redaction.span(record)!;
  assert.ok(!JSON.stringify(shown).includes("secret"));
  assert.equal(shown.attributes["url.path"], "/…");
  assert.equal(JSON.stringify(record), before);
});

test("redact gets a span as its event, and what it removes is not shown", () => {
  const topics: string[] = [];
  const redaction = new Redaction({
    ...NOTHING,
    redact(event) {
      topics.push(event.topic);
      const { error: _, path: __, ...data } = event.data as Attributes;
      return { ...event, data };
    },
  });
  for (const kind of ["server", "client", "internal"] as const) {
    const record = recordOf(kind, { "url.path": "/secret", "a": 1 }, "secret");
    const shown = redaction.span(record)!;
    assert.ok(!JSON.stringify(shown).includes("secret"), kind);
    assert.equal(shown.attributes["a"], 1);
    assert.equal(shown.status.code, "error");
    assert.equal(shown.name, "GET /users/:id");
    assert.equal(redaction.span(record), shown, "redact is called once");
  }
  assert.deepEqual(topics, ["request.end", "downstream", "span"]);
});

test("a hook that changes path, error, name and attributes changes the span", () => {
  const redaction = new Redaction({
    ...NOTHING,
    redact: (event) => ({
      ...event,
      data: {
        message: "name",
        path: "/…",
        error: "error",
        attributes: { b: 2 },
      },
    }),
  });
  const record = recordOf("client", { "url.path": "/secret", a: 1 }, "secret");
  const { name, status, attributes, events } = redaction.span(record)!;
  assert.equal(name, "name");
  assert.equal(status.message, "error");
  assert.deepEqual(attributes, { b: 2, "url.path": "/…" });
  assert.ok(!JSON.stringify(events).includes("secret"));
});

test("a hook that hides, throws, or returns something else hides the span", () => {
  const record = recordOf("server", {});
  for (
    const redact of [
      () => undefined,
      () => {
        throw new Error("broken");
      },
      () => Promise.resolve() as never,
      () => 1 as never,
      () => ({ data: null }) as never,
      () => ({ data: [] }) as never,
    ]
  ) {
    const redaction = new Redaction({ ...NOTHING, redact });
    assert.equal(redaction.span(record), undefined);
    assert.equal(redaction.sourceError("a", "secret", 0), "");
  }
});

test("a hook is asked about the errors of sources", () => {
  const redaction = new Redaction({
    ...NOTHING,
    redact: (event) =>
      event.topic === "source.failed"
        ? { ...event, data: { ...event.data, error: "hidden" } }
        : event,
  });
  assert.equal(redaction.sourceError("a", "secret", 0), "hidden");
  assert.equal(redaction.sourceError("a", "", 0), "");
});

test("a hook for /events is the same for an event and for its span", () => {
  // The hook is written for one of both: what it sees has the same fields.
  const telemetry = createTelemetry({ registry: createRegistry() });
  const seen: Record<string, unknown>[] = [];
  const redaction = new Redaction({
    ...NOTHING,
    redact(event) {
      seen.push({ topic: event.topic, ...event.data as object });
      return event;
    },
  });
  telemetry.tracer.onEnd((record) => void redaction.span(record));
  telemetry.observe(() => new Response(null, { status: 500 }), {
    route: "/users/:id",
  })(new Request("http://a.example/users/7?secret"));
  const [event] = [...seen];
  const published = telemetry.bus.subscribe({ after: 1 }).read()!;
  assert.ok(published.gap === undefined && published.topic === "request.end");
  const { durationMs: _, service: __, ...data } = published.data;
  for (const [name, value] of Object.entries(data)) {
    if (name === "transport" || name === "error") continue;
    assert.deepEqual(event![name], value, name);
  }
  assert.equal(event!["topic"], published.topic);
  void telemetry.close();
});

test("law: no private attribute is in the JSON of an event or in a span", () => {
  const secret = "s3cr3t";
  const name = fc.oneof(
    fc.constantFrom("url.query", "user_agent.original", "__proto__", "meta"),
    fc.stringMatching(/^http\.(?:request|response)\.header\.[a-z-]{0,9}$/),
  );
  fc.assert(fc.property(fc.dictionary(name, fc.constant(secret)), (fields) => {
    const redaction = new Redaction(NOTHING);
    const { meta: _, ...own } = fields;
    delete (own as Record<string, unknown>)["__proto__"];
    for (const data of [own, { meta: own }]) {
      const json = redaction.eventJson({ id: 1, topic: "log", time: 1, data });
      assert.ok(!json.includes(secret), json);
    }
    const shown = redaction.span(recordOf("server", own))!;
    assert.ok(!JSON.stringify(shown).includes(secret));
  }));
});

test("an event whose data is no JSON is sent with an error instead", () => {
  const { eventJson } = new Redaction(NOTHING);
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  for (const data of [circle, 1n, { toJSON: () => circle }]) {
    assert.deepEqual(
      JSON.parse(eventJson({ id: 1, topic: "a", time: 2, data })),
      {
        id: 1,
        topic: "a",
        time: 2,
        data: { error: "the payload cannot be represented in JSON" },
      },
    );
  }
});

/**
 * Removes from everything that is shown what readers must not see.
 *
 * - Query strings and values of headers are shown only if the options allow it.
 * - `redact` gets a span as the event that `/events` makes of it, with the
 *   attributes of the span beside. Fields that it removes there are not shown
 *   here: a hook that was written for events protects traces, too.
 * - It fails closed: whatever it throws, or returns instead of an event, hides.
 */
import { callSafely, isThenable } from "../base/internal.ts";
import type { Redact } from "../http/mod.ts";
import type { AnyEvent } from "../http/internal.ts";
import type { Attributes, SpanEvent, SpanRecord } from "../trace/mod.ts";
import { checkedAttribute } from "../trace/internal.ts";

/** Rules that decide what readers may see. */
export interface RedactionRules {
  // deno-lint-ignore no-explicit-any -- events of any topics
  readonly redact: Redact<any> | undefined;
  /** Whether query strings are shown. */
  readonly queries: boolean;
  /** The names of the headers whose values are shown. */
  readonly headers: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

/** Attributes that are a query string, or URLs and targets with one. */
const QUERY = "url.query";
const WITH_QUERY: ReadonlySet<string> = new Set([
  "url.full",
  "http.url",
  "http.target",
]);

/** Attributes that hold the value of one header. */
const HEADER_OF: ReadonlyMap<string, string> = new Map([
  ["user_agent.original", "user-agent"],
  ["http.user_agent", "user-agent"],
]);

const HEADER = /^http\.(?:request|response)\.header\.(.*)$/s;

/** Applies the rules of one page. */
export class Redaction {
  readonly #rules: RedactionRules;
  readonly #headers: ReadonlySet<string>;
  /** The results, so that `redact` is called once for each span. */
  readonly #spans = new WeakMap<SpanRecord, SpanRecord | "hidden">();

  constructor(rules: RedactionRules) {
    this.#rules = rules;
    this.#headers = new Set(rules.headers.map((name) => name.toLowerCase()));
  }

  /** Returns a span as readers may see it; undefined if they may not. */
  readonly span = (record: SpanRecord): SpanRecord | undefined => {
    let shown = this.#spans.get(record);
    if (shown === undefined) {
      shown = this.#shown(record) ?? "hidden";
      this.#spans.set(record, shown);
    }
    return shown === "hidden" ? undefined : shown;
  };

  /** Returns the message of an error of a source; empty if it is hidden. */
  sourceError(source: string, error: string, time: number): string {
    if (error === "") return "";
    const data = this.#dataOf("source.failed", time, { source, error });
    return textIn(data, "error");
  }

  /** Returns an event as JSON; see `WriteEvent`. */
  readonly eventJson = (event: AnyEvent, error?: string): string => {
    const { id, topic, time, data } = event;
    const shown = error === undefined ? this.#fields(data) : { error };
    try {
      return JSON.stringify({ id, topic, time, data: shown });
    } catch {
      const error = "the payload cannot be represented in JSON";
      return JSON.stringify({ id, topic, time, data: { error } });
    }
  };

  /** Returns the data of an event without private attributes, also in `meta`. */
  #fields(data: unknown): unknown {
    if (!isFields(data)) return data;
    const shown = this.#attributes(data);
    const { meta } = shown;
    return isFields(meta) ? { ...shown, meta: this.#attributes(meta) } : shown;
  }

  #attributes(attributes: Fields): Fields {
    const { queries } = this.#rules;
    const shown = Object.entries(attributes).flatMap(([name, value]) => {
      const header = HEADER.exec(name)?.[1] ?? HEADER_OF.get(name);
      if (header !== undefined && !this.#headers.has(header.toLowerCase())) {
        return [];
      }
      if (name === QUERY && !queries) return [];
      const isUrl = WITH_QUERY.has(name) && typeof value === "string";
      return [[name, isUrl ? this.#url(value) : value]];
    });
    // Defines `__proto__` like any other name, as an assignment would not.
    return Object.fromEntries(shown);
  }

  /** Returns a URL or target without its credentials and private parts. */
  #url(url: string): string {
    const open = url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, "$1");
    return this.#rules.queries ? open : open.replace(/[?#].*$/s, "");
  }

  #shown(record: SpanRecord): SpanRecord | undefined {
    const attributes = this.#attributes(record.attributes);
    const events = record.events.map((event) => ({
      ...event,
      attributes: this.#attributes(event.attributes) as Attributes,
    }));
    const { redact } = this.#rules;
    if (redact === undefined) {
      return { ...record, attributes: attributes as Attributes, events };
    }
    const before = spanData(record, attributes);
    // A copy: what `redact` changes in place is seen by comparison only.
    const data = { ...before, attributes: copyOf(attributes) };
    const after = this.#dataOf(topicOf(record), record.end, data);
    if (after === undefined) return undefined;
    return {
      ...record,
      name: textIn(after, "message") || textIn(after, "endpoint"),
      attributes: attributesAfter(before, after),
      // The stack and the message of the exception are the error once more.
      events: textIn(after, "error") === textIn(before, "error")
        ? events
        : events.map(withoutException),
      status: { ...record.status, message: textIn(after, "error") },
    };
  }

  /** Returns the data of an event after `redact`; undefined if it is hidden. */
  #dataOf(topic: string, time: number, data: Fields): Fields | undefined {
    const { redact } = this.#rules;
    if (redact === undefined) return data;
    const event: unknown = callSafely(redact, { id: 0, topic, time, data });
    if (!isFields(event) || isThenable(event)) return undefined;
    const { data: after } = event;
    return isFields(after) ? after : undefined;
  }
}

/** Returns attributes that can be changed without those of the span. */
function copyOf(attributes: Fields): Fields {
  const copies = Object.entries(attributes).map(([name, value]) =>
    [name, Array.isArray(value) ? [...value] : value] as const
  );
  return Object.fromEntries(copies);
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textIn(data: Fields | undefined, name: string): string {
  const value = data?.[name];
  return typeof value === "string" ? value : "";
}

/** Returns the topic that the span has as an event. */
function topicOf({ kind }: SpanRecord): string {
  if (kind === "server") return "request.end";
  return kind === "client" ? "downstream" : "span";
}

/** Returns a span as the data of its event, and its attributes. */
function spanData(
  { context, parentSpanId, name, kind, start, end, status }: SpanRecord,
  attributes: Fields,
): Fields {
  const path = attributes["url.path"];
  const method = attributes["http.request.method"];
  const code = attributes["http.response.status_code"];
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    ...parentSpanId !== "" && { parentId: parentSpanId },
    message: name,
    ...kind === "server" && { endpoint: name },
    ...method !== undefined && { method },
    ...path !== undefined && { path },
    ...code !== undefined && { status: code },
    durationMs: (end - start) * 1000,
    ...status.message !== "" && { error: status.message },
    attributes,
  };
}

/**
 * Returns the attributes that are left, with the path as `redact` has left it.
 * Values that no attribute can have, and perhaps no JSON, are left out.
 */
function attributesAfter(before: Fields, after: Fields): Attributes {
  const attributes = isFields(after["attributes"]) ? after["attributes"] : {};
  const path = after["path"] === before["path"]
    ? {}
    : { "url.path": textIn(after, "path") || undefined };
  const left = Object.entries({ ...attributes, ...path })
    .map(([name, value]) =>
      [name, checkedAttribute(name, value, Infinity)] as const
    )
    .filter(([, value]) => value !== undefined);
  return Object.fromEntries(left) as Attributes;
}

function withoutException(event: SpanEvent): SpanEvent {
  const left = Object.entries(event.attributes)
    .filter(([name]) => !/^exception\.(?:message|stacktrace)$/.test(name));
  return { ...event, attributes: Object.fromEntries(left) };
}

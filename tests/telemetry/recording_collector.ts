/** A collector on the loopback interface that keeps what it gets. */
import { serve } from "../runtimes/server.ts";

/** A request to the collector. */
export interface Received {
  readonly path: string;
  readonly headers: Headers;
  /** The body without compression. */
  readonly body: Uint8Array<ArrayBuffer>;
}

/** A collector that accepts everything. */
export interface RecordingCollector extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly Received[];
  /** Returns the paths of the requests, each once and in order. */
  paths(): readonly string[];
  /** Returns the JSON of the first request to a path. */
  // deno-lint-ignore no-explicit-any -- the JSON of OTLP
  json(path: string): any;
}

/** Starts a collector. */
export function recordingCollector(): RecordingCollector {
  const received: Received[] = [];
  const server = serve(async (request) => {
    const { headers } = request;
    const stream = headers.get("content-encoding") === "gzip"
      ? request.body!.pipeThrough(new DecompressionStream("gzip"))
      : request.body;
    const body = new Uint8Array(await new Response(stream).arrayBuffer());
    const { pathname, search } = new URL(request.url);
    received.push({ path: pathname + search, headers, body });
    return new Response();
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    received,
    paths: () => [...new Set(received.map(({ path }) => path))].sort(),
    json(path) {
      const found = received.find((request) => request.path === path);
      return JSON.parse(new TextDecoder().decode(found!.body));
    },
    async [Symbol.asyncDispose]() {
      await server.stop();
    },
  };
}

/** Requests to a metrics handler, sources that misbehave, and decoders. */
import { createRegistry, type Registry } from "../../src/metrics/mod.ts";
import { familyDesc, type Source } from "../../src/model/mod.ts";

export const help = "Help.";

/** An Accept header for OpenMetrics. */
export const OPEN = "application/openmetrics-text";

export function get(
  headers: Record<string, string> = {},
  method = "GET",
  query = "",
): Request {
  const url = `http://localhost/metrics${query}`;
  return new Request(url, { method, headers });
}

/** Text that compression hardly makes smaller; each number has its own. */
export function noise(number: number): string {
  let state = number * 2654435761 + 1 >>> 0;
  let text = "";
  for (let i = 0; i < 6; i++) {
    state = Math.imul(state ^ state >>> 15, 0x85ebca6b) + i >>> 0;
    text += state.toString(36);
  }
  return `${number} ${text}`;
}

/** A registry with one counter family of `series` series, and nothing else. */
export function registryOf(series = 1): Registry {
  const registry = createRegistry({ selfMetrics: false });
  const counter = registry.counter({ name: "x_total", help, labels: ["a"] });
  for (let i = 0; i < series; i++) counter.with({ a: i }).inc(i);
  return registry;
}

/** A source of one gauge that calls `read` at each collection. */
export function gaugeSource(name: string, read: () => number): Source {
  const desc = familyDesc({ name, type: "gauge", help });
  return {
    descs: [desc],
    collect(sink) {
      const value = read();
      if (sink.family(desc)) {
        sink.number({ names: [], value: () => "" }, value, 0);
      }
    },
  };
}

/** A source that throws when it is collected. */
export function brokenSource(name: string): Source {
  return gaugeSource(name, () => {
    throw new Error(`secret of ${name}`);
  });
}

/** Several sources as one, without an observer. */
export function composed(...parts: readonly Source[]): Source {
  return {
    descs: parts.flatMap(({ descs }) => descs),
    parts,
    collect: (sink) => parts.forEach((part) => part.collect(sink)),
  };
}

export async function gunzip(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const plain = new Blob([bytes]).stream()
    .pipeThrough(new DecompressionStream("gzip"));
  return await new Response(plain).text();
}

export async function bytesOf(
  response: Response,
): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await response.arrayBuffer());
}

/** Waits for one turn of the event loop. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

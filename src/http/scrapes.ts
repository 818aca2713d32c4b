/**
 * The scrapes of one source that are under way.
 *
 * - What overlaps is shared: one refresh for all, one body for each format and
 *   encoding. What begins later is collected anew.
 * - Nothing that a source or a listener throws gets out.
 * - It knows no requests: who goes away does not spoil it for the others.
 */
import { expose, type Format } from "../encode/mod.ts";
import {
  type FailureListener,
  needsRefresh,
  partsOf,
  refreshParts,
  type Source,
  tell,
} from "../model/mod.ts";

/** What became of a scrape. */
export type Scrape =
  | {
    readonly state: "taken";
    readonly bytes: Uint8Array<ArrayBuffer>;
    readonly squeezed: boolean;
  }
  /** There are parts, and not one of them could be collected. */
  | { readonly state: "failed" };

/** Below this size compression costs more than it saves. */
const LEAST_COMPRESSED = 1024;

const NONE: ReadonlySet<Source> = new Set();

/** Takes scrapes, and shares those that overlap. */
export class Scrapes {
  readonly #source: Source;
  readonly #heard: HeardSource;
  readonly #timeout: number;
  readonly #pending = new Map<string, Promise<Scrape>>();
  #refresh: Promise<ReadonlySet<Source>> | undefined;
  #sizeHint = 16_384;

  /** `timeout` is in seconds: how long asynchronous parts are waited for. */
  constructor(
    source: Source,
    timeout: number,
    onFailure: FailureListener | undefined,
  ) {
    this.#source = source;
    this.#heard = heardBy(source, onFailure);
    this.#timeout = timeout;
  }

  /** The scrape that is under way, or a new one if none is. */
  take(format: Format, squeeze: boolean): Promise<Scrape> {
    const key = `${format.id} ${squeeze}`;
    const known = this.#pending.get(key);
    if (known !== undefined) return known;
    const begun = this.#begin(format, squeeze)
      .finally(() => this.#pending.delete(key));
    this.#pending.set(key, begun);
    return begun;
  }

  async #begin(format: Format, squeeze: boolean): Promise<Scrape> {
    const bytes = await this.#collected(format);
    if (bytes === undefined) return { state: "failed" };
    return squeeze && bytes.length >= LEAST_COMPRESSED
      ? { state: "taken", bytes: await gzipped(bytes), squeezed: true }
      : { state: "taken", bytes, squeezed: false };
  }

  /** The exposition, or undefined if there is none; never rejects. */
  async #collected(
    format: Format,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const source = this.#heard;
    try {
      const except = needsRefresh(source)
        ? await (this.#refresh ??= this.#refreshAll())
        : NONE;
      let failures = except.size;
      const bytes = expose(source, format, {
        except,
        onFailure: () => failures++,
        sizeHint: this.#sizeHint,
      });
      const parts = [...partsOf(source)].length;
      if (failures > 0 && failures >= parts) return undefined;
      // Room for one more digit on many lines, rather than a second buffer.
      this.#sizeHint = Math.ceil(bytes.length * 1.1) + 1024;
      return bytes;
    } catch (error) {
      // Not a part of it, those are taken one by one: its list of parts.
      source.failed(this.#source, error);
      return undefined;
    }
  }

  /** The parts to leave out, once all the others are fresh. */
  async #refreshAll(): Promise<ReadonlySet<Source>> {
    const late = new AbortController();
    // Not unref'd: it must fire where nothing else keeps the process alive,
    // and it is gone as soon as the sources have answered.
    const timer = setTimeout(() => {
      const reason = `not ready within ${this.#timeout} s`;
      late.abort(new DOMException(reason, "TimeoutError"));
    }, this.#timeout * 1000);
    try {
      return await refreshParts(this.#heard, late.signal);
    } finally {
      clearTimeout(timer);
      this.#refresh = undefined;
    }
  }
}

type HeardSource = Source & Required<Pick<Source, "failed">>;

/** `source`, with listeners that may throw without spoiling the scrape. */
function heardBy(
  source: Source,
  onFailure: FailureListener | undefined,
): HeardSource {
  return {
    get descs() {
      return source.descs;
    },
    get parts() {
      return partsOf(source);
    },
    collect: (sink) => source.collect(sink),
    failed: (part, error) => tell(source, part, error, onFailure),
  };
}

async function gzipped(
  bytes: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array<ArrayBuffer>> {
  const squeezed = new Blob([bytes]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(squeezed).arrayBuffer());
}

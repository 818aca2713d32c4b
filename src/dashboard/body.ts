/** Bodies of answers that are compressed for clients which read gzip. */
import {
  availableCodings,
  chooseCoding,
  compressed,
} from "../http/internal.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Bodies below this size are not compressed. */
const MIN_BYTES = 4096;

/** A body; it is compressed at most once. */
export class Body {
  readonly #bytes: Bytes;
  #compressed: Promise<Bytes> | undefined;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  /** Returns the answer with this body, without it to HEAD. */
  async response(
    request: Request,
    headers: Readonly<Record<string, string>>,
  ): Promise<Response> {
    const isCompressed = this.#bytes.length >= MIN_BYTES && readsGzip(request);
    const bytes = isCompressed ? await this.#gzip() : this.#bytes;
    return new Response(request.method === "HEAD" ? null : bytes, {
      headers: {
        ...headers,
        vary: "accept-encoding",
        "content-length": `${bytes.length}`,
        ...isCompressed && { "content-encoding": "gzip" },
      },
    });
  }

  #gzip(): Promise<Bytes> {
    return this.#compressed ??= Promise.resolve(
      compressed(this.#bytes, "gzip"),
    );
  }
}

function readsGzip({ headers }: Request): boolean {
  const codings = availableCodings().filter((coding) => coding === "gzip");
  const header = headers.get("accept-encoding") ?? "";
  return chooseCoding(header, codings) === "gzip";
}

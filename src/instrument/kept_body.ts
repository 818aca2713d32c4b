/** Copies of the bodies of requests, which a redirect may ask for again. */

/** Limit of a body that arrives in pieces, in bytes. */
const MAX_BYTES = 8 * 2 ** 20;

/**
 * Resolves to a copy of the body of `request`, which must not be used yet:
 * undefined if it has none, null if it cannot be sent twice. That is one which
 * comes from a network, and one in pieces of more than 8 MiB. Never rejects.
 */
export function keptBody(
  request: Request | undefined,
): Promise<Uint8Array<ArrayBuffer> | undefined | null> | undefined | null {
  if (request === undefined) return undefined;
  const { method, headers } = request;
  if (method === "GET" || method === "HEAD" || request.bodyUsed) {
    return undefined;
  }
  // Servers declare how a body is framed; the requests of programs do not.
  const isForwarded = headers.has("content-length") ||
    headers.has("transfer-encoding");
  if (isForwarded) return request.body === null ? undefined : null;
  return read(request.clone());
}

async function read(
  { body }: Pick<Request, "body">,
): Promise<Uint8Array<ArrayBuffer> | undefined | null> {
  if (body === null) return undefined;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  try {
    const reader = body.getReader();
    for (;;) {
      const { done, value: chunk } = await reader.read();
      if (done) break;
      length += chunk.length;
      if (chunks.length > 0 && length > MAX_BYTES) return null;
      chunks.push(chunk);
    }
    return new Uint8Array(await new Blob(chunks).arrayBuffer());
  } catch {
    return null; // the request itself fails, too
  }
}

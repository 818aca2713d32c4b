/** Bodies that a redirect may need again. */

type Body = RequestInit["body"];

/** Limit of a body that is copied, in bytes. */
const MAX_BYTES = 2 ** 20;

/**
 * Returns the body for another request: `body` itself if it cannot change, a copy
 * if it is small, undefined if it is large or unknown. A stream is its own copy:
 * see `isUnrepeatable`.
 */
export function repeatable(body: Body): { readonly body: Body } | undefined {
  if (
    typeof body !== "object" || body instanceof Blob || isUnrepeatable(body)
  ) {
    return { body };
  }
  if (body instanceof URLSearchParams) {
    const text = String(body);
    return text.length > MAX_BYTES
      ? undefined
      : { body: new URLSearchParams(text) };
  }
  if (body instanceof FormData) return copyOfForm(body);
  const isView = ArrayBuffer.isView(body);
  if (!isView && !(body instanceof ArrayBuffer)) return undefined;
  if (body.byteLength > MAX_BYTES) return undefined;
  const bytes = isView
    ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength)
    : new Uint8Array(body);
  return { body: bytes.slice() };
}

/** Files are not copied: they cannot change. */
function copyOfForm(form: FormData): { readonly body: Body } | undefined {
  const copy = new FormData();
  let length = 0;
  form.forEach((value, name) => {
    length += name.length + (typeof value === "string" ? value.length : 0);
    copy.append(name, value as string);
  });
  return length > MAX_BYTES ? undefined : { body: copy };
}

/** Returns whether a body can be sent only once. */
export function isUnrepeatable(body: Body): boolean {
  if (typeof body === "function") return true; // Bun's generators of bodies
  return typeof body === "object" && body !== null &&
    Symbol.asyncIterator in body;
}

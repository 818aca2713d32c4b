/** A token as the key to an endpoint. */
import type { Authorize } from "./access.ts";

const encoder = new TextEncoder();

/**
 * Lets in who says one of `tokens` (`Authorization: Bearer …`). The comparison
 * takes the same time however much of a token is right: digests of both are
 * compared, to their ends.
 *
 * @throws {TypeError} If there is no token, or an empty one.
 */
export function bearer(...tokens: readonly string[]): Authorize {
  const isToken = (one: unknown) => typeof one === "string" && one !== "";
  if (tokens.length === 0 || !tokens.every(isToken)) {
    throw new TypeError(
      "Cannot ask for a token: give one that is not empty, such as " +
        'bearer("4bf92f3577b34da6")',
    );
  }
  const wanted = Promise.all(tokens.map(digest));
  return async ({ headers }) => {
    const said = headers.get("authorization") ?? "";
    const [, token = ""] = /^Bearer +(\S+)$/i.exec(said.slice(0, 8192)) ?? [];
    const given = await digest(token);
    let found = 0;
    for (const one of await wanted) found |= same(one, given);
    return found === 1;
  };
}

async function digest(text: string): Promise<Uint8Array> {
  const bytes = encoder.encode(text);
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** 1 if they are the same, 0 if not, in the same time. */
function same(a: Uint8Array, b: Uint8Array): number {
  let differs = 0;
  for (let i = 0; i < a.length; i++) differs |= a[i]! ^ b[i]!;
  return differs === 0 ? 1 : 0;
}

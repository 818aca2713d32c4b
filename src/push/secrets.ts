/** Secrets in headers: some receivers repeat them in their answers. */

/** Names of headers whose values are secrets. */
const SECRET = /auth|cookie|credential|key|password|secret|token/i;

/** Shorter words can be words of any message. */
const MIN_LENGTH = 6;

/** Returns `text` without the secrets in `headers`. */
export function withoutSecrets(
  text: string,
  headers: Readonly<Record<string, string>>,
): string {
  let hidden = text;
  for (const [name, value] of Object.entries(headers)) {
    if (!SECRET.test(name)) continue;
    for (const secret of [value, ...wordsOf(value)]) {
      if (secret.length >= MIN_LENGTH) hidden = hidden.replaceAll(secret, "…");
    }
  }
  return hidden;
}

/** Returns the words of a value without the scheme, such as `Bearer`. */
function wordsOf(value: string): readonly string[] {
  return value.replace(/^[a-z]+\s/i, "").split(/[\s,;]+/);
}

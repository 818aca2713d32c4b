/** The cases of the contract of the handlers, and how they ask. */
import assert from "node:assert/strict";
import { bytesOf, gunzip } from "../http/fixtures.ts";

/** A way to the endpoints. The answer has the body as it was sent. */
export interface World {
  ask(
    path: string,
    headers?: Readonly<Record<string, string>>,
    method?: string,
  ): Promise<Response>;
  /** Whether the handlers compress bodies. */
  readonly compresses: boolean;
  /** Whether feeds of events are served. */
  readonly feeds: boolean;
  /** Whether requests reach the handlers as they are, and answers return so. */
  readonly isDirect: boolean;
}

/** A case of the contract. */
export interface ContractCase {
  readonly title: string;
  check(world: World): Promise<void>;
}

/** Returns the text of a body, decoded once if its headers say so. */
export async function textOf(response: Response): Promise<string> {
  const coding = response.headers.get("content-encoding");
  const bytes = await bytesOf(response);
  if (coding === "gzip") return await gunzip(bytes);
  assert.equal(coding, null);
  return new TextDecoder().decode(bytes);
}

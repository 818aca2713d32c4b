/** Sends increments to members, scrapes them, and notes it in a history. */
import { request } from "node:http";
import type { History } from "./history.ts";

/** Returns a monotonic time in milliseconds. */
export function now(): number {
  return performance.now();
}

/** Resolves after `milliseconds`. */
export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** An answer of a member. */
export interface Answer {
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Returns the text of the answer to `ask()`. */
export async function get(url: string, limit?: number): Promise<string> {
  return (await ask(url, limit)).text;
}

/**
 * Requests `url` over a connection of its own, so that the kernel chooses a
 * member for each request to a shared port.
 *
 * @throws {Error} If there is no answer with status 200 within `limit` ms
 */
export function ask(url: string, limit = 3000): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent: false }, (response) => {
      let text = "";
      const { headers, statusCode } = response;
      response.setEncoding("utf8").on("data", (part) => text += part);
      response.on("error", reject);
      response.on("close", () => {
        clearTimeout(timer);
        if (response.complete && statusCode === 200) resolve({ text, headers });
        else reject(new Error(`${url}: ${statusCode} ${text}`));
      });
    });
    const timer = setTimeout(() => {
      // Does not depend on the events of a request that is destroyed.
      reject(new Error(`${url}: no answer in ${limit} ms`));
      sent.destroy();
    }, limit);
    sent.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    sent.end();
  });
}

/** Requests that go on until they are stopped. */
export interface Traffic {
  /** Resolves when no request is open any more. */
  stop(): Promise<void>;
}

/** Runs `work` in `lanes` loops, each with a pause of `gap` ms in between. */
function loops(
  lanes: number,
  gap: number,
  work: () => Promise<void>,
): Traffic {
  let isStopped = false;
  const running = Array.from({ length: lanes }, async () => {
    while (!isStopped) {
      // A member that is frozen or was killed does not answer.
      await work().catch(() => {});
      await pause(gap);
    }
  });
  return {
    async stop() {
      isStopped = true;
      await Promise.all(running);
    },
  };
}

/** Sends increments; each answer is the name of the member that has counted. */
export function sendIncrements(
  history: History,
  url: () => string,
  lanes = 8,
  gap = 5,
): Traffic {
  return loops(lanes, gap, async () => {
    const target = `${url()}/count`;
    history.sent++;
    // A frozen member must not hold up the load.
    const member = await get(target, 200);
    history.acks.push({ member, at: now() });
  });
}

/** Scrapes one member after the other. */
export function scrapeMembers(
  history: History,
  url: () => string,
  lanes = 2,
  gap = 20,
): Traffic {
  return loops(lanes, gap, async () => {
    const begun = now();
    const { text, headers } = await ask(`${url()}/metrics`);
    history.scrapes.push({
      begun,
      ended: now(),
      text,
      member: String(headers["x-member"]),
      took: Number(headers["x-took"]),
    });
  });
}

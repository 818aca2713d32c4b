/** A page over a registry, with timers that only a test advances. */
import { createRegistry, type Registry } from "../../mod.ts";
import {
  type Dashboard,
  dashboard,
  type DashboardOptions,
} from "../../src/dashboard/mod.ts";
import { FakeTimers } from "../../src/testing/mod.ts";

/** A key that a test has chosen. */
export const KEY = "0123456789abcdef";

/** A page, and the parts that a test drives. */
export interface World extends Disposable {
  readonly page: Dashboard;
  readonly registry: Registry;
  readonly timers: FakeTimers;
  /** Sends a GET with the key of `KEY`, to `path` below that of the page. */
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  /** Sends a request without a key. */
  ask(path: string, init?: RequestInit): Promise<Response>;
}

/** Makes a page at `/_live` with the key `KEY`, unless options say otherwise. */
export function worldOf(options: DashboardOptions = {}): World {
  const timers = new FakeTimers();
  const registry = createRegistry({ clock: timers.clock });
  const page = dashboard("/_live", {
    key: KEY,
    print: false,
    registry,
    timers,
    clock: timers.clock,
    ...options,
  });
  const ask = (path: string, init?: RequestInit) =>
    page.handler(new Request(`http://shop.example/_live${path}`, init));
  return {
    page,
    registry,
    timers,
    ask,
    get: (path, headers = {}) =>
      ask(path, { headers: { "x-barograph-key": KEY, ...headers } }),
    [Symbol.dispose]: () => page[Symbol.dispose](),
  };
}

/** Returns the status of a response, whose body is cancelled. */
export async function statusOf(
  response: Response | Promise<Response>,
): Promise<number> {
  const { body, status } = await response;
  await body?.cancel();
  return status;
}

/**
 * The app that every adapter of a framework observes in its tests.
 *
 * A test builds the same app with each framework, in the framework's own way:
 *
 * | route                  | answer                                              |
 * | ---------------------- | --------------------------------------------------- |
 * | `GET /users/:id`       | `user(id)` as text                                  |
 * | `POST /users`          | 201, the text of the request's body                 |
 * | `GET /api/items/:item` | the item as text; in a sub-app or by a prefix        |
 * | `GET /forbidden`       | 403                                                 |
 * | `GET /broken`          | throws `broken()`, which the framework answers: 500 |
 * | `GET /teapot`          | throws `new Teapot()`; the app's error handler: 418 |
 * | `GET /stream`          | `stream()`                                          |
 *
 * All other paths get the framework's own 404.
 */
import { activeSpan, type ObserveOptions, type Telemetry } from "../../mod.ts";

/** How an app mounts the adapter: `times` times, before its routes. */
export interface Mount {
  readonly telemetry: Telemetry;
  readonly options: ObserveOptions;
  readonly times: number;
}

/** An app with the routes of the table. */
export interface App {
  /** Sends a request to the app; `path` begins with a slash. */
  send(path: string, init?: RequestInit): Promise<Response>;
  /** The fetch-style handler of the app, if it has one. */
  readonly fetch?: (request: Request) => Response | Promise<Response>;
  /** Stops the server of the app, if it has one. */
  close?(): void | Promise<void>;
}

/** Returns `times` adapters of which every second one is the same. */
export function adapters<T>(times: number, make: () => T): T[] {
  const made: T[] = [];
  return Array.from({ length: times }, (_, i) => made[i % 2] ??= make());
}

/** Builds the app of the table, and mounts the adapter. */
export type Build = (mount: Mount) => App | Promise<App>;

/** An error that the error handler of the app answers with 418. */
export class Teapot extends Error {
  override readonly name = "Teapot";
}

/** Returns the error of `/broken`. */
export function broken(): Error {
  return new Error("broken on purpose");
}

/** Returns the text of a user and of the trace that is active after a pause. */
export async function user(id: string | undefined): Promise<string> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  return `user ${id} in ${activeSpan()?.context.traceId}`;
}

/** Returns a body of two chunks. */
export function stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = ["first,", "second"];
  return new ReadableStream({
    async pull(controller) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      const chunk = chunks.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(new TextEncoder().encode(chunk));
    },
  });
}

/** Makes an app of a fetch-style handler. */
export function appOf(
  fetch: (request: Request) => Response | Promise<Response>,
): App {
  return {
    fetch,
    send: async (path, init) =>
      await fetch(new Request(`http://localhost${path}`, init)),
  };
}

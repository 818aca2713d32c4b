/** Requests to the server of the page. */
import { KEY_HEADER } from "../../src/dashboard/protocol.ts";
import type { Api } from "./app.ts";

/** Milliseconds until a request is given up. */
const TIMEOUT = 15_000;

/** The server refuses the key. */
export class Refused extends Error {}

/** Requests below the path of the page, with its key in memory. */
export class Server implements Api {
  #key: string;
  readonly #base: string;

  constructor(key: string) {
    this.#key = key;
    // Behind any prefix, with and without a slash at the end.
    this.#base = location.pathname.replace(/\/*$/, "/");
  }

  get hasKey(): boolean {
    return this.#key !== "";
  }

  set key(key: string) {
    this.#key = key;
  }

  /** Opens a request; its body may go on for ever. */
  async open(path: string, signal: AbortSignal): Promise<Response> {
    const response = await fetch(this.#base + path, {
      headers: this.#key === "" ? {} : { [KEY_HEADER]: this.#key },
      cache: "no-store",
      signal,
    });
    if (response.ok) return response;
    void response.body?.cancel();
    if (response.status === 401 || response.status === 403) {
      throw new Refused("The key was refused");
    }
    throw new Error(
      response.status === 404
        ? "It is no longer kept"
        : `The server answered ${response.status}`,
    );
  }

  async get<T>(path: string): Promise<T> {
    return JSON.parse(await this.text(path)) as T;
  }

  /** Reads a text; rejects with an `Error` whose message can be shown. */
  async text(path: string): Promise<string> {
    try {
      const response = await this.open(path, AbortSignal.timeout(TIMEOUT));
      return await response.text();
    } catch (error) {
      if (error instanceof TypeError) {
        throw new Error("The server cannot be reached", { cause: error });
      }
      if (error instanceof DOMException && error.name === "TimeoutError") {
        throw new Error("The server did not answer", { cause: error });
      }
      throw error;
    }
  }
}

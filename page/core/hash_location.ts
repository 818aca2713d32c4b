/** The address of the page in the hash of the window. */
import {
  changedAddress,
  formatAddress,
  parseAddress,
  takeKey,
} from "./address.ts";
import type { Address, Location } from "./app.ts";

/**
 * Takes the key out of the address bar; returns it, or "" without one. The
 * history of the browser does not keep it.
 */
export function takeKeyFromBar(): string {
  const taken = takeKey(location.hash);
  if (taken === undefined) return "";
  const base = location.pathname + location.search;
  history.replaceState(null, "", base + taken.hash);
  return taken.key;
}

/** Follows the hash, and changes it. */
export class HashLocation implements Location {
  readonly #onChange: () => void;
  readonly #onKey: (key: string) => void;
  #now: Address = parseAddress(location.hash);

  /** `onKey` gets a key that is put into the bar while the page is open. */
  constructor(onChange: () => void, onKey: (key: string) => void) {
    this.#onChange = onChange;
    this.#onKey = onKey;
    addEventListener("hashchange", () => this.#read());
    addEventListener("popstate", () => this.#read());
  }

  get now(): Address {
    return this.#now;
  }

  href(change: Partial<Address>): string {
    return formatAddress(changedAddress(this.#now, change));
  }

  go(change: Partial<Address>, replace = false): void {
    const hash = this.href(change);
    if (hash === formatAddress(this.#now)) return;
    const url = location.pathname + location.search + hash;
    if (replace) history.replaceState(null, "", url);
    else history.pushState(null, "", url);
    this.#read();
  }

  #read(): void {
    const key = takeKeyFromBar();
    if (key !== "") this.#onKey(key);
    const next = parseAddress(location.hash);
    if (formatAddress(next) === formatAddress(this.#now)) return;
    this.#now = next;
    this.#onChange();
  }
}

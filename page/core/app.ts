/**
 * The seam between the shell of the page and its views.
 *
 * - The shell owns the feed, the address, the keys and the one animation frame.
 * - A view owns one element. It reads the store and the address, and draws only
 *   in `update`.
 */
import type { Changes, Location, Store } from "./data.ts";

export type {
  Address,
  Axis,
  Changes,
  Location,
  Series,
  Store,
  ViewName,
} from "./data.ts";
export { RANGES } from "./data.ts";

/** JSON of the server. Rejects with an `Error` whose message can be shown. */
export interface Api {
  get<T>(path: string): Promise<T>;
}

/** The tooltip of the page; it never takes the pointer. */
export interface Tooltip {
  /** Shows `content` beside a point of the window. */
  show(content: Node, x: number, y: number): void;
  hide(): void;
}

/** The part of the shell that views use. */
export interface App {
  readonly store: Store;
  readonly location: Location;
  readonly api: Api;
  readonly tooltip: Tooltip;
  /** The state of the feed, as the pens of charts show it. */
  readonly feed: "live" | "paused" | "away";
  /** Asks for an `update` in the next animation frame. */
  redraw(): void;
  /** Announces a text to screen readers, once. */
  announce(text: string): void;
  /** Copies a text; shows "Copied" on `button` for 1.2 s. */
  copy(text: string, button: HTMLElement): void;
}

/** One view; its element is in the document while it is shown. */
export interface View {
  readonly element: HTMLElement;
  /** Returns what the feed must carry while the view is shown; see `FeedEvents`. */
  want(): string;
  /** Draws what has changed. Called in an animation frame. */
  update(changes: Changes): void;
  /** Handles a key that the shell does not know; returns whether it did. */
  key?(key: string): boolean;
}

/** Makes a view at its first showing. */
export type MakeView = (app: App) => View;

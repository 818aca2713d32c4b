/** A state as a message, written once for all clients after each change. */
import { message } from "./frame_texts.ts";
import type { State } from "./parts.ts";

/** The message of a state. */
export class StateText {
  readonly #event: string;
  readonly #state: State<unknown>;
  readonly #onChange: () => void;
  #following: Disposable | undefined;
  #text: string | undefined;
  /** Grows with each change. */
  version = 1;

  constructor(event: string, state: State<unknown>, onChange: () => void) {
    this.#event = event;
    this.#state = state;
    this.#onChange = onChange;
  }

  /** Returns the message; empty if the state is not known yet. */
  get text(): string {
    if (this.#text !== undefined) return this.#text;
    const state = this.#state.now();
    const text = state === undefined
      ? ""
      : message(this.#event, JSON.stringify(state));
    return this.#text = text;
  }

  /** Starts or stops to follow the state. */
  follow(isOn: boolean): void {
    if (isOn === (this.#following !== undefined)) return;
    this.#text = undefined;
    this.#following?.[Symbol.dispose]();
    this.#following = isOn
      ? this.#state.follow(() => {
        this.#text = undefined;
        this.version++;
        this.#onChange();
      })
      : undefined;
  }
}

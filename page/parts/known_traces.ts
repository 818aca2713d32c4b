/** The failed, the slowest and the newest traces, for marks and lists. */
import type { Hello, TraceList } from "../../src/dashboard/protocol.ts";
import type { App, Changes } from "../core/app.ts";
import { KeptAnswer } from "./kept_answer.ts";
import { TraceBook } from "./trace_book.ts";

/** Seconds after which the lists are asked for again; the feed brings the rest. */
const AGE = 30;

/** The traces that a view knows, by the lists of the server and by the feed. */
export class KnownTraces {
  readonly #app: App;
  readonly #book = new TraceBook();
  readonly #failed: KeptAnswer<TraceList>;
  readonly #slowest: KeptAnswer<TraceList>;
  #epoch = "";

  /** `onCome` is called when a list has come. Default: asks for an `update`. */
  constructor(app: App, onCome = () => app.redraw()) {
    this.#app = app;
    this.#failed = new KeptAnswer(app, AGE, onCome);
    this.#slowest = new KeptAnswer(app, AGE, onCome);
  }

  /** Reads what is new. */
  update(
    { epoch, has }: Hello,
    { traces }: Pick<Changes, "traces">,
  ): TraceBook {
    if (epoch !== this.#epoch) this.#book.clear();
    this.#epoch = epoch;
    if (!has.traces) return this.#book;
    const failed = this.#failed.read("traces?list=failed", epoch);
    const slowest = this.#slowest.read("traces?list=slowest", epoch);
    for (const list of [failed, slowest]) {
      if (list?.epoch === epoch) this.#book.add(list.traces, "list");
    }
    if (traces) this.#book.add(this.#app.store.traces, "feed");
    return this.#book;
  }
}

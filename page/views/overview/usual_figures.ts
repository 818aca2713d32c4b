/** The usual of the figures, from the hour that the server keeps. */
import type { Hello, History } from "../../../src/dashboard/protocol.ts";
import type { App } from "../../core/app.ts";
import { KeptAnswer } from "../../parts/kept_answer.ts";
import {
  type FigureName,
  NO_USUALS,
  readPast,
  sourcesOf,
  type Usuals,
  usualsOf,
} from "./figures.ts";

/** Seconds after which the hour is asked for again. */
const AGE = 300;

const HOUR = 3600;

/** Keeps the usual of one route, or of all. */
export class UsualFigures {
  readonly #app: App;
  readonly #hour: KeptAnswer<History>;
  #usuals: Usuals = NO_USUALS;
  #history: History | null = null;
  #key = "";

  /** `onCome` is called when the hour has come. */
  constructor(app: App, onCome: () => void) {
    this.#app = app;
    this.#hour = new KeptAnswer(app, AGE, onCome);
  }

  /**
   * Returns the usual of a route, "" for all, as far as it is known. `incident` has
   * the figures that are not as usual now.
   */
  read(
    { epoch, requests }: Hello,
    route: string,
    incident: ReadonlySet<FigureName>,
  ): Usuals {
    const { store } = this.#app;
    const ids = [...store.families.values()]
      .filter(({ role }) => role !== null && role !== "calls")
      .map(({ id }) => id).sort((a, b) => a - b);
    if (ids.length === 0) return NO_USUALS;
    const history = this.#hour.read(
      `history?f=${ids.join()}&range=${HOUR}`,
      epoch,
    );
    if (history?.epoch !== epoch) return NO_USUALS;
    const key = [...incident, route].join(" ");
    if (history === this.#history && key === this.#key) return this.#usuals;
    this.#history = history;
    this.#key = key;
    const { axis, series } = readPast(history, store.families);
    const hour = {
      axis,
      role: store.role.bind(store),
      series: (id: number) => series.get(id) ?? [],
    };
    this.#usuals = usualsOf(sourcesOf(hour, requests, route), incident);
    return this.#usuals;
  }
}

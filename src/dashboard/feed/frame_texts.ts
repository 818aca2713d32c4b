/**
 * The JSON of one frame, written once for all clients: by family, and once for
 * each set of families that clients want.
 */
import type { Frame } from "../history/kept_history.ts";
import type { Change, FamilyId, Gone, Names } from "../protocol.ts";

/** Returns a message of an event stream; `id` is left out if it is empty. */
export function message(event: string, json: string, id = ""): string {
  const line = id === "" ? "" : `id: ${id}\n`;
  return `${line}event: ${event}\ndata: ${json}\n\n`;
}

/** The parts of a frame that are sent as a `d`. */
export type Columns = Pick<Frame, "seq" | "t" | "step" | "changes">;

/** Returns the JSON of a `d` with the changes of `families`. */
export function deltaJson(
  { seq, t, step, changes }: Columns,
  families: ReadonlySet<FamilyId>,
  textOf: (changes: readonly Change[], family: FamilyId) => string = listText,
): string {
  const texts: string[] = [];
  for (const family of families) {
    const list = changes.get(family);
    if (list !== undefined && list.length > 0) texts.push(textOf(list, family));
  }
  return `{"seq":${seq},"t":${t},"step":${step},"d":[${texts.join(",")}]}`;
}

/** Returns the changes of a family without the brackets of their list. */
function listText(changes: readonly Change[]): string {
  return JSON.stringify(changes).slice(1, -1);
}

/** The texts of a frame: two messages, and the JSON of `d`, which needs an id. */
interface WantedTexts {
  readonly names: string;
  readonly gap: string;
  readonly delta: string;
}

/** The texts of the newest frame. */
export class FrameTexts {
  readonly frame: Frame;
  /** Number of the frame before. */
  readonly before: number;
  readonly #byFamily = new Map<FamilyId, string>();
  readonly #byWant = new Map<string, WantedTexts>();

  constructor(frame: Frame, before: number) {
    this.frame = frame;
    this.before = before;
  }

  /** Returns the texts for clients that want `families`; `key` stands for them. */
  texts(families: ReadonlySet<FamilyId>, key: string): WantedTexts {
    const cached = this.#byWant.get(key);
    if (cached !== undefined) return cached;
    const { names, gap } = this.frame;
    const texts: WantedTexts = {
      names: namesMessage(names, families),
      gap: gap === null ? "" : message("gap", JSON.stringify(gap)),
      delta: deltaJson(this.frame, families, this.#textOf),
    };
    this.#byWant.set(key, texts);
    return texts;
  }

  readonly #textOf = (changes: readonly Change[], family: FamilyId): string => {
    let text = this.#byFamily.get(family);
    if (text === undefined) {
      this.#byFamily.set(family, text = listText(changes));
    }
    return text;
  };
}

/** Returns the message of all families, and of the series of `families`. */
export function namesMessage(
  { f, s }: Names,
  families: ReadonlySet<FamilyId>,
): string {
  const series = s.filter(({ family }) => families.has(family));
  if (f.length === 0 && series.length === 0) return "";
  return message("names", JSON.stringify({ f, s: series }));
}

/** Returns the message of removed series. */
export function goneMessage(series: Gone["s"]): string {
  if (series.length === 0) return "";
  return message("gone", JSON.stringify({ s: series }));
}

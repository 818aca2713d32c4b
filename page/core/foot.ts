/** The foot: the bounds of the history, and what it costs. */
import type { App } from "./app.ts";
import { h, setText } from "./dom.ts";
import type { TierInfo } from "../../src/dashboard/protocol.ts";
import { bytes, ratio, seconds, wholeNumber, words } from "./units.ts";

const SPACE = "\u00a0";

function tier({ isOn, span, step }: TierInfo): string {
  const kept = `${step}${SPACE}s for ${
    span === 3600 ? "an hour" : words(seconds(span))
  }`;
  return isOn ? kept : `${kept} (off)`;
}

/** The foot. */
export interface Foot {
  readonly element: HTMLElement;
  /** `feed` is the bytes a second of the feed. */
  update(feed: number): void;
}

/** Makes the foot. */
export function makeFoot(app: App, onHelp: () => void): Foot {
  const history = h("span");
  const sampled = h("span");
  const shortened = h("span", { class: "warn" });
  const feedCost = h("span");
  const element = h(
    "footer",
    { class: "foot" },
    history,
    shortened,
    sampled,
    feedCost,
    h("span", null, "Times in UTC"),
    h("button", { class: "link", type: "button", onclick: onHelp }, "Keys"),
  );
  return {
    element,
    update(feed) {
      const { hello } = app.store;
      if (hello === null) return;
      const { history: kept } = hello;
      setText(
        history,
        `History ${words(bytes(kept.bytes))} of ${
          words(bytes(kept.max)).replace(".0", "")
        }: ${tier(kept.fast)}, ${tier(kept.slow)}`,
      );
      setText(shortened, kept.shortened);
      const of = hello.sampled < hello.of
        ? `Sampling ${wholeNumber(hello.sampled)} of ${
          wholeNumber(hello.of)
        } series: the largest`
        : `${wholeNumber(hello.of)} series sampled`;
      const cost = hello.cost === null
        ? ""
        : `, ${words(ratio(hello.cost))} of a core`;
      setText(sampled, of + cost);
      setText(feedCost, `Feed ${words(bytes(feed))}/s`);
    },
  };
}

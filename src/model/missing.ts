/** The family of an exposition that names the sources left out of it. */
import { descFrom } from "./check_desc.ts";

/** One series for each source that is missing; every registry reserves it. */
export const MISSING = /* @__PURE__ */ descFrom({
  name: "barograph_source_missing",
  type: "gauge",
  help: "Sources left out of this very exposition: they threw or were late.",
  labelNames: ["source"],
});

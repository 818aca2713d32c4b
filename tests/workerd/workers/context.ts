/** Spans across `await`, by what the runtime offers. */
import { activeSpan, createTelemetry, observe } from "../../../mod.ts";

const { tracer } = createTelemetry({ service: "shop" });

/** Returns the ids of the active span before and after the first `await`. */
export function ids(): Promise<unknown> {
  return tracer.run("work", async (span) => {
    const own = span.context.spanId;
    const before = activeSpan()?.context.spanId === own;
    await new Promise((resolve) => setTimeout(resolve, 1));
    const after = activeSpan()?.context.spanId === own;
    return { before, after };
  });
}

export default { fetch: observe(async () => Response.json(await ids())) };

/** A Worker that calls another service through an instrumented `fetch`. */
import { createTelemetry } from "../../../mod.ts";

const telemetry = createTelemetry({ service: "shop" });
const call = telemetry.fetch({ peer: "stock" });

export default {
  fetch: telemetry.observe(async ({ url }: Request) => {
    const to = new URL(url).searchParams.get("to")!;
    const answers = [
      await call(to),
      await call(new Request(to, { method: "POST", body: "{}" })),
    ];
    return Response.json(
      await Promise.all(
        answers.map((answer) => answer.text()),
      ),
    );
  }, { route: "/" }),
};

/** A module that `deno serve` runs, with work at its end. */
import { systemTimers } from "../../src/base/mod.ts";
import { fleetPlatform } from "../../src/platform/internal.ts";
import { say } from "./fleet_member.ts";

const platform = fleetPlatform(systemTimers)!;
platform.onExit(() => say("ended."));
addEventListener("load", () => say(`main ${platform.mainPath(() => {})}.`));

export default { fetch: (): Response => new Response("x") };

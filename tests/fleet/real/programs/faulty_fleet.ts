/**
 * A fleet of one file per process that is correct, or has one fault on purpose:
 * with it, the tests show that they find each fault in real processes.
 */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setInterval } from "node:timers";
import type { Counts } from "./counts.ts";

/** The faults by name. */
export type Fault =
  | "none"
  | "unpublished"
  | "rarely"
  | "twice"
  | "forgets"
  | "waits";

/** Joins the fleet in `dir`. */
export function joinFaultyFleet(fault: Fault, dir: string): Counts {
  mkdirSync(dir, { recursive: true });
  // Threads of a process are members, too.
  const name = `${process.pid}-${crypto.randomUUID()}`;
  let own = fault === "twice" ? countsOf(dir, isDead) : 0;
  const publish = (): void => {
    writeFileSync(join(dir, `.${name}`), String(own));
    renameSync(join(dir, `.${name}`), join(dir, name));
  };
  publish();
  // `deno serve` does not end as long as something keeps a thread alive.
  setInterval(publish, fault === "rarely" ? 5000 : 250).unref();
  return {
    count: () => void own++,
    flush: publish,
    async metrics() {
      if (fault !== "unpublished") publish();
      if (fault === "waits") await untilFresh(dir);
      const total = fault === "unpublished"
        ? own + countsOf(dir, (other) => other !== name)
        : countsOf(dir, (other) => fault !== "forgets" || !isDead(other));
      return new Response(
        "# TYPE shop_orders_total counter\n" +
          `shop_orders_total ${total}\n`,
      );
    },
  };
}

function countsOf(dir: string, isCounted: (name: string) => boolean): number {
  return readdirSync(dir)
    .filter((name) => !name.startsWith(".") && isCounted(name))
    .reduce((sum, name) => sum + Number(readFileSync(join(dir, name))), 0);
}

/** Waits for members that do not publish, but no longer than 2 s. */
async function untilFresh(dir: string): Promise<void> {
  const isStale = (name: string): boolean =>
    !name.startsWith(".") && !isDead(name) &&
    Date.now() - statSync(join(dir, name)).mtimeMs > 200;
  for (let tries = 0; tries < 200; tries++) {
    if (!readdirSync(dir).some(isStale)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function isDead(name: string): boolean {
  try {
    process.kill(parseInt(name), 0);
    return false;
  } catch {
    return true;
  }
}

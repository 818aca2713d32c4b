/**
 * Many clients of one feed, some of which never read. `EVENTS_LOAD=200` takes
 * fewer of them than 1000, and prints the figures.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createBus } from "../../src/bus/mod.ts";
import { eventsHandler } from "../../src/http/mod.ts";
import { type Topics, until } from "../http/events_fixtures.ts";
import { EPOCH, TIME } from "./events_load.ts";
import { withServer } from "./events_server.ts";
import { RUNTIME } from "./server.ts";

const WANTED = process.env["EVENTS_LOAD"];
const CLIENTS = Number(WANTED ?? 1000);
const STUCK = CLIENTS / 10;
const HEALTHY = CLIENTS - STUCK;
const EVENTS = 50_000;
const BURST = 1000;
const CAPACITY = 8192;

/** The clients, in a process of their own. */
class Clients implements AsyncDisposable {
  isOpen = false;
  isDone = false;
  /** All healthy ones have reached that id. */
  at = 0;
  #fault = "";
  readonly #child;

  constructor(port: number) {
    const file = fileURLToPath(
      new URL("events_load_clients.ts", import.meta.url),
    );
    const run = RUNTIME === "deno" ? ["run", "-A", "--no-check"] : ["run"];
    const numbers = [port, HEALTHY, STUCK, EVENTS].map(String);
    this.#child = spawn(process.execPath, [...run, file, ...numbers], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    let text = "";
    this.#child.stdout.setEncoding("utf8").on("data", (part: string) => {
      const lines = (text + part).split("\n");
      text = lines.pop()!;
      for (const line of lines) this.#hear(line);
    });
    this.#child.on("exit", () => this.#fault ||= "the clients are gone");
  }

  #hear(line: string): void {
    if (line === "open") this.isOpen = true;
    else if (line === "done") this.isDone = true;
    else if (line.startsWith("at ")) this.at = Number(line.slice(3));
    else this.#fault ||= line;
  }

  until(isSo: () => boolean, why: string): Promise<void> {
    return until(() => {
      assert.equal(this.#fault, "");
      return isSo();
    }, why);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.stdin.end();
    await gone;
  }
}

test(
  `${CLIENTS} clients of which ${STUCK} never read: publishing never waits, and who reads loses nothing (${RUNTIME})`,
  { timeout: 120_000 },
  async () => {
    const bus = createBus<Topics>({ epoch: EPOCH, capacity: CAPACITY });
    const events = eventsHandler(bus, {
      heartbeat: 1,
      patience: 3,
      maxClients: CLIENTS,
    });
    await withServer(events, async ({ port }) => {
      await using clients = new Clients(port);
      await clients.until(() => clients.isOpen, "not all are open");
      await until(() => events.clients === CLIENTS);
      const rss = [process.memoryUsage().rss];
      const begun = performance.now();
      let publishing = 0;
      while (bus.newest < EVENTS) {
        const start = performance.now();
        for (let i = 0; i < BURST; i++) {
          bus.publish("n", bus.newest + 1, TIME);
        }
        publishing += performance.now() - start;
        rss.push(process.memoryUsage().rss);
        // As fast as the slowest of those that read, and no faster.
        await clients.until(
          () => bus.newest + BURST - clients.at <= CAPACITY,
          "a client that reads does not get on",
        );
        await new Promise((resolve) => setTimeout(resolve));
      }
      await clients.until(() => clients.isDone, "not all has come");
      const seconds = (performance.now() - begun) / 1000;
      rss.push(process.memoryUsage().rss);
      await clients.until(() => events.clients === HEALTHY, "not let go");
      const { lost, subscribers } = bus.stats();
      if (WANTED !== undefined) report(rss, seconds, publishing, lost);
      assert.equal(subscribers, HEALTHY);
      assert.ok(lost > 0, "buffers between the two took it all");
      assert.ok(publishing < 2000, `publishing took ${publishing} ms`);
      const grown = Math.max(...rss) - rss[0]!;
      const most = 150e6 + 300e3 * CLIENTS;
      assert.ok(grown < most, `it grew by ${grown} bytes`);
    });
    await until(() => events.clients === 0);
    assert.equal(bus.stats().subscribers, 0);
  },
);

function report(
  rss: readonly number[],
  seconds: number,
  publishing: number,
  lost: number,
): void {
  const mb = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  console.log(
    `${RUNTIME}: ${CLIENTS} clients, ${EVENTS} events in ` +
      `${seconds.toFixed(1)} s, ${
        publishing.toFixed(0)
      } ms of it publishing; ` +
      `${Math.round(EVENTS / seconds)} events/s, ` +
      `${Math.round(EVENTS * HEALTHY / seconds)} deliveries/s; RSS ` +
      `${mb(rss[0]!)} before, ${mb(Math.max(...rss))} at most, ` +
      `${mb(rss.at(-1)!)} after; ${lost} events lost by the stuck`,
  );
}

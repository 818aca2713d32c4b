/**
 * Many clients of one feed, some of which never read: 100, or 1000 in the long
 * run. `EVENTS_LOAD=500` sets their number and prints the measurements.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { createBus } from "../../src/bus/mod.ts";
import { eventsHandler } from "../../src/http/mod.ts";
import { type Topics, until } from "../http/events_fixtures.ts";
import { rounds } from "../support/rounds.ts";
import { EPOCH, TIME } from "./events_load.ts";
import { withServer } from "./events_server.ts";
import { runArgs } from "../support/programs.ts";
import { RUNTIME } from "./server.ts";

const REQUESTED = process.env["EVENTS_LOAD"];
const CLIENTS = Number(REQUESTED ?? rounds(1000, 100));
const STUCK = CLIENTS / 10;
const HEALTHY = CLIENTS - STUCK;
const EVENTS = 50_000;
const BURST = 1000;
const CAPACITY = 8192;

/**
 * Seconds in which a client must read. The process of the clients reads for all of
 * them, so on a busy machine some wait for seconds.
 */
const PATIENCE = 10;

/** The clients, in another process. */
class Clients implements AsyncDisposable {
  isOpen = false;
  isDone = false;
  /** The id that all healthy clients have reached. */
  at = 0;
  #fault = "";
  readonly #child;

  constructor(port: number) {
    const file = fileURLToPath(
      new URL("events_load_clients.ts", import.meta.url),
    );
    const numbers = [port, HEALTHY, STUCK, EVENTS].map(String);
    this.#child = spawn(process.execPath, [...runArgs(file), ...numbers], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    let text = "";
    this.#child.stdout.setEncoding("utf8").on("data", (part: string) => {
      const lines = (text + part).split("\n");
      text = lines.pop()!;
      for (const line of lines) this.#onLine(line);
    });
    this.#child.on(
      "exit",
      () => this.#fault ||= "the process of the clients has ended",
    );
  }

  #onLine(line: string): void {
    if (line === "open") this.isOpen = true;
    else if (line === "done") this.isDone = true;
    else if (line.startsWith("at ")) this.at = Number(line.slice(3));
    else this.#fault ||= line;
  }

  until(condition: () => boolean, reason: string): Promise<void> {
    return until(() => {
      assert.equal(this.#fault, "");
      return condition();
    }, reason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.stdin.end();
    await ended;
  }
}

test(
  `${HEALTHY} clients get every event while ${STUCK} others never read (${RUNTIME})`,
  { timeout: 400_000 },
  async () => {
    const bus = createBus<Topics>({ epoch: EPOCH, capacity: CAPACITY });
    const events = eventsHandler(bus, {
      heartbeat: 1,
      patience: PATIENCE,
      maxClients: CLIENTS,
    });
    await withServer(events, async ({ port }) => {
      await using clients = new Clients(port);
      await clients.until(
        () => clients.isOpen,
        "not all clients are connected",
      );
      await until(() => events.clients === CLIENTS);
      const rss = [process.memoryUsage().rss];
      const start = performance.now();
      let publishing = 0; // milliseconds of the processor
      while (bus.newest < EVENTS) {
        const before = process.cpuUsage();
        for (let i = 0; i < BURST; i++) {
          bus.publish("n", bus.newest + 1, TIME);
        }
        const { user, system } = process.cpuUsage(before);
        publishing += (user + system) / 1000;
        rss.push(process.memoryUsage().rss);
        // Publish no faster than the slowest healthy client reads.
        await clients.until(
          () => bus.newest + BURST - clients.at <= CAPACITY,
          "a client that reads is stuck",
        );
        await new Promise((resolve) => setTimeout(resolve));
      }
      await clients.until(() => clients.isDone, "events are missing");
      const seconds = (performance.now() - start) / 1000;
      rss.push(process.memoryUsage().rss);
      await clients.until(
        () => events.clients === HEALTHY,
        "stuck clients are still connected",
      );
      const { lost, subscribers } = bus.stats();
      if (REQUESTED !== undefined) report(rss, seconds, publishing, lost);
      assert.equal(subscribers, HEALTHY);
      assert.ok(lost > 0, "the buffers held every event");
      const grown = Math.max(...rss) - rss[0]!;
      const limit = 150e6 + 300e3 * CLIENTS;
      assert.ok(grown < limit, `it grew by ${grown} bytes`);
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

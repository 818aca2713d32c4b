/** The event loop of the runtime: a scrape that gives way lets requests in. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { systemClock, systemTimers } from "../../src/base/mod.ts";
import {
  type Batches,
  TimeSlicedReader,
} from "../../src/http/metrics/time_sliced.ts";
import { turnsPerPoll } from "../../src/platform/internal.ts";
import { RUNTIME, serve } from "./server.ts";

const REQUEST = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";

/** Seconds that fill a slice of a scrape. */
const SLICE = 0.0005;

/** Returns a socket that has got a response, so that it is ready for the next. */
async function connected(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(REQUEST);
  await once(socket, "data");
  return socket;
}

/** Holds the event loop. */
function hold(seconds: number): void {
  const end = systemClock.mono() + seconds;
  while (systemClock.mono() < end);
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => systemTimers.turn!(resolve));
}

test(
  `on ${RUNTIME}, the event loop polls its sockets once in turnsPerPoll() turns`,
  { timeout: 120_000 },
  async () => {
    let served = 0;
    const server = serve(() => {
      served++;
      return new Response("served");
    });
    const socket = await connected(server.port);
    socket.on("data", () => {});
    /** Turns until a request is served that is sent after `phase` turns. */
    const turnsUntilServed = async (phase: number): Promise<number> => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      for (let i = 0; i < phase; i++) await nextTurn();
      const before = served;
      socket.write(REQUEST);
      let turns = 0;
      for (; served === before; turns++) {
        assert.ok(turns < 10_000, "the request is not served");
        await nextTurn();
      }
      return turns;
    };
    try {
      const expected = turnsPerPoll()!;
      let most = 0;
      for (let phase = 0; phase < 2 * expected; phase += 3) {
        let least = Infinity;
        // A busy machine may deliver the request late, but not each time.
        for (let i = 0; i < 3; i++) {
          least = Math.min(least, await turnsUntilServed(phase));
        }
        most = Math.max(most, least);
      }
      // Writing the request and passing it to the handler take a turn or two.
      assert.ok(most <= expected + 4, `${most} turns, not ${expected}`);
      assert.ok(most >= expected / 2, `${most} turns, not ${expected}`);
    } finally {
      socket.destroy();
      await server.stop();
    }
  },
);

test(
  `on ${RUNTIME}, requests are served while a long scrape is written`,
  { timeout: 120_000 },
  async () => {
    const server = serve(() => new Response("served"));
    const socket = await connected(server.port);
    let responses = 0;
    socket.on("data", () => {
      responses++;
      socket.write(REQUEST);
    });
    try {
      const cost = { start: systemClock.mono(), blocked: 0, bytes: 0 };
      const reader = new TimeSlicedReader(systemClock, systemTimers, cost);
      const work = function* (): Batches {
        for (let slice = 0; slice < 600; slice++) {
          hold(SLICE);
          yield [];
        }
      };
      socket.write(REQUEST);
      await reader.read(work(), () => true);
      // Each is sent, received, answered and received again in a few rests.
      assert.ok(responses >= 60, `${responses} responses in 600 slices`);
    } finally {
      socket.destroy();
      await server.stop();
    }
  },
);

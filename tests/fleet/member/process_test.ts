/** Metrics of a process that has several members. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fleet } from "../../../src/fleet/mod.ts";
import { Host, type Isolate } from "./host.ts";

const CPU = "process_cpu_seconds_total";

interface Joined {
  readonly isolate: Isolate;
  readonly fleet: Fleet;
  readonly slot: number | undefined;
}

/** A process: all of its isolates read the same CPU seconds. */
class Process {
  seconds = 0;
  readonly #host: Host;
  readonly #name: string;

  constructor(host: Host, name: string) {
    this.#host = host;
    this.#name = name;
  }

  /** Starts a member; its timers do not survive it if it is to die. */
  async member(dies = false): Promise<Joined> {
    const isolate = this.#host.isolate({ process: this.#name });
    isolate.registry.callbackCounter({
      name: CPU,
      help: "CPU.",
      read: (report) => report(this.seconds),
    });
    const { clock } = this.#host.timers;
    const fleet = await isolate.join(
      dies ? { clock, timers: new Host().timers } : {},
    );
    return { isolate, fleet, slot: fleet.member };
  }
}

test("CPU seconds of a process count once, and once if a Worker ends and another begins", async () => {
  const host = new Host();
  const program = new Process(host, "p");
  program.seconds = 8;
  const main = await program.member();
  const worker = await program.member();
  program.seconds = 10;
  assert.equal(await main.isolate.value(CPU), 10);
  assert.equal(await worker.isolate.value(CPU), 10);
  worker.fleet.leave();
  program.seconds = 12;
  const next = await program.member();
  assert.equal(next.slot, worker.slot);
  assert.equal(await next.isolate.value(CPU), 10);
  assert.equal(await main.isolate.value(CPU), 12);
  assert.equal(await next.isolate.value(CPU), 12);
  main.fleet.leave();
  next.fleet.leave();
});

test("the member that joined next goes on counting for its process", async () => {
  for (const end of ["leaves", "dies"]) {
    const host = new Host();
    const program = new Process(host, "p");
    const other = new Process(host, "q");
    program.seconds = 8;
    const main = await program.member(end === "dies");
    const worker = await program.member();
    const third = await program.member();
    await host.pass(1);
    assert.equal(await third.isolate.value(CPU), 8);
    if (end === "leaves") main.fleet.leave();
    else main.isolate.die();
    other.seconds = 1;
    const foreign = await other.member(); // takes the slot of the first
    assert.equal(foreign.slot, 0);
    assert.equal(await foreign.isolate.value(CPU), 9);
    await host.pass(12);
    const before = await worker.isolate.value(CPU);
    program.seconds += 4;
    await host.pass(6);
    for (const { isolate } of [worker, third, foreign]) {
      assert.equal(await isolate.value(CPU), before! + 4, end);
    }
    for (const { fleet } of [worker, third, foreign]) fleet.leave();
  }
});

test("the CPU seconds of a process that restarts with all of its threads do not fall", async () => {
  const host = new Host();
  let total = 0;
  for (let run = 0; run < 4; run++) {
    const dies = run % 2 === 1;
    const program = new Process(host, `run ${run}`);
    program.seconds = 1;
    total++;
    const members: Joined[] = [];
    for (let i = 0; i < 4; i++) members.push(await program.member(dies));
    for (const { isolate } of members) {
      assert.equal(await isolate.value(CPU), total);
    }
    program.seconds += 100;
    total += 100;
    await host.pass(6);
    for (const { isolate } of members) {
      assert.equal(await isolate.value(CPU), total);
    }
    for (const { isolate, fleet } of members) {
      if (dies) isolate.die();
      else fleet.leave();
    }
  }
});

test("threads of a process that join at the same time count once", async () => {
  const host = new Host();
  const program = new Process(host, "p");
  program.seconds = 1;
  const joining = Array.from({ length: 4 }, () => program.member());
  await host.pass(1.5); // they wait for each other
  const members = await Promise.all(joining);
  for (const { isolate } of members) {
    assert.equal(await isolate.value(CPU), 1);
  }
  for (const { fleet } of members) fleet.leave();
});

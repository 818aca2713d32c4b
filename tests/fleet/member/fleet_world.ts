/** Members of a fleet whose scrapes are compared with what they have counted. */
import assert from "node:assert/strict";
import type { Timers } from "../../../src/base/mod.ts";
import type { Fleet } from "../../../src/fleet/mod.ts";
import { Host, type Isolate } from "./host.ts";
import {
  type Label,
  MEMBERS,
  type Name,
  type Operation,
} from "./operations.ts";

/** Seconds after which series of `idle_total` expire. */
const EXPIRE_AFTER = 8;

/** Seconds in which all members notice a removal. */
const REMOVAL_SECONDS = 3;

/** An isolate that is a member at times. */
class WorldMember {
  readonly isolate: Isolate;
  readonly timers: Timers;
  fleet: Fleet | undefined;
  /** The count of `safe_total` in this registry. */
  counted = 0;
  /** How much of it is published. */
  published = 0;
  isAlive = true;
  hasOtherShape = false;

  constructor(host: Host) {
    this.isolate = host.isolate();
    const { timers } = host;
    this.timers = {
      after: (seconds, work, options) =>
        timers.after(seconds, () => this.isAlive && work(), options),
      every: (seconds, work, options) =>
        timers.every(seconds, () => this.isAlive && work(), options),
    };
  }

  get isMember(): boolean {
    return this.fleet !== undefined;
  }
}

/** A host with members. */
export class FleetWorld {
  readonly host = new Host();
  readonly members: WorldMember[];
  /** By series: the highest value of a scrape. */
  readonly #floors = new Map<string, number>();
  /** By name: when series of it were removed last. */
  readonly #removed = new Map<string, number>();
  /** The counts of `safe_total` that ended members have published. */
  #ofOthers = 0;

  constructor() {
    this.members = Array.from(
      { length: MEMBERS },
      () => new WorldMember(this.host),
    );
  }

  async run(operation: Operation): Promise<void> {
    const member = this.members[operation.member]!;
    const { isolate: { registry } } = member;
    switch (operation.do) {
      case "record":
        return this.#record(member, operation);
      case "remove": {
        const { name, label } = operation;
        this.#removed.set(name, this.#now);
        for (const series of this.#floors.keys()) {
          if (series.startsWith(name)) this.#floors.delete(series);
        }
        this.#familyOf(member, name).remove(
          label === undefined ? {} : { k: label },
        );
        return;
      }
      case "unregister":
        if (member.fleet?.flush()) member.published = member.counted;
        registry.unregister(operation.name);
        // Nobody knows what was counted before the registry has joined.
        if (operation.name === "safe_total") member.counted = member.published;
        return;
      case "reshape":
        registry.unregister("shaped");
        member.hasOtherShape = !member.hasOtherShape;
        return;
      case "flush":
        if (member.fleet?.flush()) member.published = member.counted;
        return;
      case "scrape":
        if (member.isMember) await this.scrape(member);
        return;
      case "join":
        return await this.#join(member);
      case "pass":
        return await this.#pass(operation.seconds);
      default:
        return this.#end(operation.member, operation.do);
    }
  }

  /** Lets everybody notice everything. */
  async settle(): Promise<void> {
    await this.#pass(REMOVAL_SECONDS + 1);
  }

  /** Scrapes a member, and compares. */
  async scrape(member: WorldMember): Promise<void> {
    member.published = member.counted;
    const text = await member.isolate.scrape();
    const now = this.#now;
    let safe = 0;
    for (const line of text.split("\n")) {
      const [series, value] = line.split(" ");
      if (!/^(safe|few|idle|shaped)/.test(series!)) continue;
      const name = series!.slice(0, series!.search(/[{]/));
      if (name === "safe_total") safe += Number(value);
      const removedAt = this.#removed.get(name) ?? -Infinity;
      const isRemoved = now < removedAt + REMOVAL_SECONDS;
      const floor = isRemoved ? -Infinity : this.#floors.get(series!) ?? 0;
      assert.ok(Number(value) >= floor, `${line} after ${floor}`);
      this.#floors.set(series!, isRemoved ? 0 : Number(value));
    }
    const published = this.members.reduce((sum, it) => sum + it.published, 0);
    const counted = this.members.reduce((sum, it) => sum + it.counted, 0);
    assert.ok(safe >= this.#ofOthers + published, `${safe} is too little`);
    assert.ok(safe <= this.#ofOthers + counted, `${safe} is too much`);
  }

  get #now(): number {
    return this.host.timers.clock.mono();
  }

  #familyOf({ isolate: { registry } }: WorldMember, name: Name) {
    return registry.counter({
      name,
      help: "Help.",
      labels: ["k"],
      ...name === "idle_total" && { expireAfter: EXPIRE_AFTER },
      ...name === "few_total" && { maxSeries: 2 },
    });
  }

  #record(
    member: WorldMember,
    { name, label, by }: { name: Name; label: Label; by: number },
  ): void {
    if (name === "shaped") {
      const buckets = member.hasOtherShape ? [4] : [2, 6];
      member.isolate.registry.histogram({
        name,
        help: "Help.",
        labels: ["k", member.hasOtherShape ? "other" : "one"],
        buckets,
      }).at(label, "x").observe(by / 10);
      return;
    }
    this.#familyOf(member, name).with({ k: label }).inc(
      name === "safe_total" ? by : by / 10,
    );
    if (name === "safe_total") member.counted += by;
  }

  async #join(member: WorldMember): Promise<void> {
    if (member.isMember) return;
    const { timers } = member;
    member.fleet = await member.isolate.join({ timers });
    assert.equal(typeof member.fleet.member, "number");
    member.published = member.counted;
  }

  async #pass(seconds: number): Promise<void> {
    await this.host.pass(seconds);
    for (const member of this.members) {
      if (member.isMember) member.published = member.counted;
    }
  }

  #end(at: number, how: "leave" | "exit" | "die"): void {
    const member = this.members[at]!;
    if (!member.isMember) return;
    if (how === "exit") {
      member.isolate.exit();
      member.published = member.counted;
    }
    if (how === "leave") {
      member.fleet!.leave();
      member.published = member.counted;
      member.fleet = undefined;
      return; // it can join again
    }
    member.isolate.die();
    member.isAlive = false;
    this.#ofOthers += member.published;
    this.members[at] = new WorldMember(this.host);
  }
}

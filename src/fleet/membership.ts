/**
 * Keeps a registry in its fleet: joins, tries again if that fails, and rejoins
 * if somebody has removed the directory or the claim of its slot.
 *
 * While it is no member, its endpoint answers with its own numbers.
 */
import type { Cancel } from "../base/mod.ts";
import { processWide, warn } from "../base/internal.ts";
import type { Source } from "../model/mod.ts";
import { addSource, type Families } from "../metrics/internal.ts";
import type { Registry } from "../metrics/mod.ts";
import type { FleetPlatform } from "../platform/internal.ts";
import type { Counted } from "./publisher/counted.ts";
import { enterSlot, hasSlots } from "./entry_slot.ts";
import { MemberMetrics } from "./fleet_metrics.ts";
import { Member } from "./member.ts";
import type { FleetSettings } from "./options.ts";
import { pathName } from "./path_name.ts";

/** Seconds between two attempts to join. */
const RETRY_SECONDS = 5;

/** Returns, by directory, what a registry had counted when it left that fleet. */
function countedBefore(families: object): Map<string, Counted> {
  const all = processWide(
    Symbol.for("barograph.counted.1"),
    () => new WeakMap<object, Map<string, Counted>>(),
  );
  const known = all.get(families) ?? new Map<string, Counted>();
  all.set(families, known);
  return known;
}

/** The membership of one registry, from the first attempt until it leaves. */
export class Membership {
  member: Member | undefined;
  readonly #registry: Registry;
  readonly #families: Families;
  readonly #settings: FleetSettings;
  readonly #platform: FleetPlatform | undefined;
  readonly #metrics: MemberMetrics;
  /** The value of `Families.fleet` while the registry is no member. */
  #absent: Promise<Member | undefined>;
  #added: Disposable | undefined;
  #cancel: Cancel = () => {};
  #hasLeft = false;

  constructor(
    registry: Registry,
    families: Families,
    settings: FleetSettings,
    platform: FleetPlatform | undefined,
  ) {
    this.#registry = registry;
    this.#families = families;
    this.#settings = settings;
    this.#platform = platform;
    this.#metrics = new MemberMetrics(settings.clock);
    this.#absent = this.#enter().then(() => this.member);
    families.fleet = this.#absent;
  }

  /** Resolves after the first attempt. Never rejects. */
  async ready(): Promise<void> {
    await this.#absent;
  }

  /** Publishes for the last time, and ends the membership. */
  leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#cancel();
    this.#end();
    this.#added?.[Symbol.dispose]();
    if (this.#families.fleet === this.#absent) {
      this.#families.fleet = undefined;
    }
  }

  /** Tries to join; tries again later if that fails. Never rejects. */
  async #enter(): Promise<void> {
    try {
      this.#added ??= addSource(this.#families, this.#metrics);
      const member = await this.#join();
      if (this.#hasLeft) return;
      this.member = member;
      this.#families.fleet = member;
    } catch (error) {
      this.#end();
      this.#metrics.failed("join", error);
      if (this.#hasLeft || this.#platform === undefined) return;
      this.#cancel = this.#settings.timers.after(
        RETRY_SECONDS,
        () => void this.#enter(),
      );
    }
  }

  /** Becomes a member. Leaves nothing behind if that fails. */
  async #join(): Promise<Member> {
    const platform = this.#platform;
    if (platform === undefined) {
      throw new Error("this runtime has no files that isolates can share");
    }
    const settings = this.#settings;
    const directory = directoryFor(platform, settings);
    platform.prepare(directory);
    const before = countedBefore(this.#families);
    // Nothing that was counted before is in an empty directory.
    if (!hasSlots(platform, directory)) before.delete(directory);
    const entry = await enterSlot(platform, directory, settings);
    let end = (): void => entry.claim.release();
    try {
      const member = new Member(
        this.#registry as Source,
        platform,
        directory,
        entry,
        settings,
        {
          metrics: this.#metrics,
          counted: before.get(directory),
          lost: () => void this.#lost(),
        },
      );
      end = () => void member.end();
      this.#metrics.isMember = true;
      await member.start();
      if (this.#hasLeft) end();
      return member;
    } catch (error) {
      end();
      throw error;
    } finally {
      entry.entered();
    }
  }

  /** Ends the member, whose claim is gone, and joins again. */
  async #lost(): Promise<void> {
    this.#end();
    this.#absent = Promise.resolve(undefined);
    this.#families.fleet = this.#absent; // no scrape waits for it
    await this.#enter();
  }

  #end(): void {
    this.#metrics.isMember = false;
    const { member } = this;
    if (member === undefined) return;
    this.member = undefined;
    if (this.#families.fleet === member) this.#families.fleet = undefined;
    const { directory } = member;
    const counted = member.end();
    if (counted !== undefined) {
      countedBefore(this.#families).set(directory, counted);
    }
  }
}

/**
 * Returns the directory of a fleet. All versions of the format share it; its number
 * is that of the way in which slots are claimed.
 */
function directoryFor(
  platform: FleetPlatform,
  { dir, service }: FleetSettings,
): string {
  const name = pathName(service || platform.mainPath(warnOfGuess));
  const parts = ["barograph", platform.user(dir), name, `${platform.scheme}1`];
  return `${dir}/${parts.filter((part) => part !== "").join("-")}`;
}

let hasWarned = false;

function warnOfGuess(): void {
  if (hasWarned) return;
  hasWarned = true;
  warn(
    "a Worker cannot find out the path of the program here, and may join another " +
      "fleet; give all members the option `service`",
  );
}

/** Which slots a member reads. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { usedSlots } from "../../src/fleet/entry_slot.ts";
import type { FleetPlatform, SlotFiles } from "../../src/platform/internal.ts";

function platformWith(list: SlotFiles["list"]): FleetPlatform {
  return { files: { list } as SlotFiles } as FleetPlatform;
}

test("slots are read that have a file, a new file or a name of a claim", () => {
  const names = ["s0", "s0.lock", "s7.new", "s12.3", "s64.lock", "u5", "x9"];
  const gate = ["s1000.lock", "s1000.4"];
  const used = usedSlots(platformWith(() => [...names, ...gate]), "/tmp/fleet");
  assert.deepEqual([...used!], [0, 7, 12, 64]);
});

test("all slots are read if the directory cannot be listed", () => {
  const platform = platformWith(() => {
    throw new Error("No such directory");
  });
  assert.equal(usedSlots(platform, "/tmp/fleet"), undefined);
});

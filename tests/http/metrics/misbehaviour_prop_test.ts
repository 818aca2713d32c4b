import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "../../support/property.ts";
import {
  allFormats,
  ESCAPING_SCHEMES,
  expose,
  type Format,
} from "../../../src/encode/mod.ts";
import { formatHandler } from "../../../src/http/mod.ts";
import { createRegistry } from "../../../src/metrics/mod.ts";
import { capture, replay, type Source } from "../../../src/model/mod.ts";
import { nameOf } from "../../../src/model/internal.ts";
import { FakeClock } from "../../../src/testing/mod.ts";
import { anyBadSource, endlessSource } from "../../support/misbehaviour.ts";
import { read } from "../../support/readers.ts";
import { get } from "../fixtures.ts";

const help = "Help.";

const formats: readonly Format[] = allFormats({ created: true });

/** A registry of healthy families, with `bad` among them if it is given. */
function world(bad?: Source) {
  const clock = new FakeClock();
  const registry = createRegistry({ clock, selfMetrics: false });
  const counter = registry.counter({ name: "fine_total", help });
  if (bad !== undefined) registry.add(bad);
  counter.inc(3);
  const histogram = registry.histogram({
    name: "fine_seconds",
    help,
    labels: ["path"],
  });
  histogram.with({ path: "/" }).observe(0.25);
  const failed: string[] = [];
  const observer = {
    failed: (part: Source) => void failed.push(nameOf(part)),
  };
  return { registry, clock, observer, failed };
}

/** Returns the families that a healthy registry has too, as read. */
function healthy(body: Uint8Array, format: Format): readonly unknown[] {
  return read(body, format).filter(({ name }) => /^fine/.test(name));
}

// A law for each scheme: one for all takes longer than the timeout on a busy machine.
for (const scheme of ESCAPING_SCHEMES) {
  test(`law: a source that misbehaves is left out, and the rest is served in every format, ${scheme}`, async () => {
    await fc.assert(
      fc.asyncProperty(
        anyBadSource,
        fc.constantFrom(...formats.map((format) => format.escapedBy(scheme))),
        fc.constantFrom(0, 2 ** 28),
        async (bad, format, keep) => {
          const { registry, clock, observer, failed } = world(bad);
          const expected = read(expose(world().registry, format), format);
          const handler = formatHandler(registry, [format], {
            clock,
            keep,
            observer,
            prepare: false,
          });
          for (let scrape = 0; scrape < 3; scrape++) {
            const response = await handler(get());
            assert.equal(response.status, 200);
            const body = new Uint8Array(await response.arrayBuffer());
            assert.deepEqual(healthy(body, format), expected);
          }
          const options = { observer };
          const direct = expose(registry, format, options);
          assert.deepEqual(healthy(direct, format), expected);
          const copy = replay(capture(registry, options));
          // A format may have no place for what others write: such a part fails there.
          const replayed = expose(copy, format, options);
          assert.deepEqual(healthy(replayed, format), expected);
          // No healthy family is blamed.
          assert.deepEqual(failed.filter((name) => !/^bad/.test(name)), []);
        },
      ),
      { numRuns: 1000 },
    );
  });
}

test("a source with parts without an end fails once", async () => {
  const { registry, observer, failed } = world(endlessSource());
  const handler = formatHandler(registry, [formats[0]!], { observer });
  const response = await handler(get());
  assert.match(await response.text(), /^fine_total 3$/m);
  assert.deepEqual(failed, ["bad_gauge"]);
});

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { needs } from "../oracle/programs.ts";
import { conformancePage } from "./conformance.ts";
import { warnings } from "./meters.ts";

warnings(); // silences them

test(
  "docs/opentelemetry-conformance.md shows what both exporters serve",
  needs("PROMTOOL"),
  async () => {
    const page = new URL(
      "../../docs/opentelemetry-conformance.md",
      import.meta.url,
    );
    assert.equal(
      readFileSync(page, "utf8"),
      await conformancePage(),
      "run: deno task conformance",
    );
  },
);

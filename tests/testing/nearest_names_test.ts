import assert from "node:assert/strict";
import { test } from "node:test";
import { nearestNames } from "../../src/testing/nearest_names.ts";

test("nearestNames() returns at most three names, the nearest first", () => {
  const known = ["zzzzzz", "jobs_total", "job_total", "joke_total", "other"];
  assert.deepEqual(nearestNames("jobs_totl", known), [
    "jobs_total",
    "job_total",
    "joke_total",
  ]);
});

test("nearestNames() prefers containment to fewer edits", () => {
  const known = ["kobs", "shop_background_jobs_total"];
  assert.equal(nearestNames("jobs", known)[0], "shop_background_jobs_total");
  assert.equal(nearestNames(known[1]!, ["shop", "x"])[0], "shop");
});

test("nearestNames() ignores the containment of short names", () => {
  assert.equal(nearestNames("x_total", ["x", "y_total"])[0], "y_total");
});

test("nearestNames() returns each name once", () => {
  assert.deepEqual(nearestNames("a", ["b", "b"]), ["b"]);
  assert.deepEqual(nearestNames("a", []), []);
});

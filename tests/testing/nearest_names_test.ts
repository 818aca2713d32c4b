import assert from "node:assert/strict";
import { test } from "node:test";
import { nearestNames } from "../../src/testing/nearest_names.ts";

test("the nearest names come first, three at most", () => {
  const known = ["zzzzzz", "jobs_total", "job_total", "joke_total", "other"];
  assert.deepEqual(nearestNames("jobs_totl", known), [
    "jobs_total",
    "job_total",
    "joke_total",
  ]);
});

test("a name that holds another is nearer than one of fewer edits", () => {
  const known = ["kobs", "shop_background_jobs_total"];
  assert.equal(nearestNames("jobs", known)[0], "shop_background_jobs_total");
  assert.equal(nearestNames(known[1]!, ["shop", "x"])[0], "shop");
});

test("a letter or two in common is no likeness", () => {
  assert.equal(nearestNames("x_total", ["x", "y_total"])[0], "y_total");
});

test("a name is given once, and none if there are none", () => {
  assert.deepEqual(nearestNames("a", ["b", "b"]), ["b"]);
  assert.deepEqual(nearestNames("a", []), []);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  resumeAfter,
  selectedTopics,
} from "../../../src/http/events/resume_position.ts";

test("resumeAfter() prefers Last-Event-ID to since", () => {
  assert.equal(resumeAfter("3", "4", 9), 3);
  assert.equal(resumeAfter("", "4", 9), 4);
  assert.equal(resumeAfter(null, "4", 9), 4);
  assert.equal(resumeAfter(null, null, 9), 0);
});

test("resumeAfter() returns an id with its epoch unchanged", () => {
  assert.equal(resumeAfter("life:3", null, 9), "life:3");
  const long = `${"x".repeat(64)}:${"9".repeat(20)}`;
  assert.equal(resumeAfter(long, null, 9), long);
  assert.equal(resumeAfter(`x${long}`, null, 9), 0);
  assert.equal(resumeAfter(`${long}9`, null, 9), 0);
});

test("resumeAfter() assigns an id beyond the newest to another epoch", () => {
  assert.equal(resumeAfter("9", null, 9), 9);
  assert.equal(resumeAfter("10", null, 9), ":10");
});

test("resumeAfter() ignores malformed positions", () => {
  const digits = "0".repeat(21);
  for (const text of ["-1", "1.5", "a", ":", "life:", "1 ", digits]) {
    assert.equal(resumeAfter(text, null, 9), 0, text);
  }
  assert.equal(resumeAfter("1".repeat(129), null, 9), 0);
});

test("selectedTopics() returns the topics of a list, and undefined without one", () => {
  assert.equal(selectedTopics(null), undefined);
  assert.deepEqual(selectedTopics(""), []);
  assert.deepEqual(selectedTopics("a,,b"), ["a", "b"]);
});

test("selectedTopics() limits the number and the length of topics", () => {
  const longest = "x".repeat(64);
  assert.deepEqual(selectedTopics(`${longest},${longest}x,a`), [longest, "a"]);
  const list = Array.from({ length: 33 }, (_, i) => `${i}`);
  assert.deepEqual(selectedTopics(list.join(",")), list.slice(0, 32));
  const longList = Array.from({ length: 32 }, () => longest);
  assert.deepEqual(selectedTopics(longList.join(",")), longList);
});

test("selectedTopics() reads at most the characters of 32 topics with commas", () => {
  const filler = "x".repeat(32 * 65 - 2);
  assert.deepEqual(selectedTopics(`${filler},a`), ["a"]);
  assert.deepEqual(selectedTopics(`x${filler},a`), []);
});

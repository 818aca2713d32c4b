// The status line of the demo was wider than a terminal of 80 columns: each text
// wrapped and scrolled, twenty times a second, and other output ran into it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusLine } from "../../demo/status_line.ts";

/** A terminal that keeps its lines; a text as wide as it is wraps. */
class Screen {
  isTTY = true;
  columns: number | undefined = 80;
  writes = 0;
  lines = [""];

  write(text: string): void {
    this.writes++;
    for (const part of text.split(/(\n|\r[^ -~]\[K)/)) {
      if (part === "\n") this.lines.push("");
      else if (part === "\r\x1b[K") this.lines[this.lines.length - 1] = "";
      else this.lines[this.lines.length - 1] += part;
    }
    const width = this.columns || 80;
    assert.ok(this.lines.every((line) => line.length < width), text);
  }
}

function setUp() {
  const screen = new Screen();
  const time = { now: 0 };
  const status = new StatusLine(screen, () => time.now);
  return { screen, time, status };
}

const LONG = "orders ".repeat(30);

test("a status line is cut to the width of the terminal", () => {
  const { screen, time, status } = setUp();
  for (const columns of [80, 60, 1, undefined, 0]) {
    screen.columns = columns;
    screen.lines = [""];
    status.show(`${time.now++} ${LONG}`);
    const width = Math.max(0, (columns || 80) - 3); // room for "^C"
    assert.deepEqual(screen.lines.map(({ length }) => length), [width]);
  }
});

test("a status line is written at most four times a second", () => {
  const { screen, time, status } = setUp();
  for (let i = 0; i < 40; i++) {
    time.now = i / 20;
    status.show(`${i}`);
  }
  assert.equal(screen.writes, 8);
  assert.deepEqual(screen.lines, ["35"]);
});

test("other output stands above a status line", () => {
  const { screen, status } = setUp();
  status.print("before");
  status.show("state");
  status.print("a request\nwith two lines");
  assert.deepEqual(screen.lines, [
    "before",
    "a request",
    "with two lines",
    "state",
  ]);
  status.end();
  status.print("after");
  status.end();
  assert.deepEqual(screen.lines.slice(3), ["state", "after", ""]);
});

test("without a terminal only the other output is written", () => {
  const { screen, status } = setUp();
  screen.isTTY = false;
  status.show("state");
  status.print("a line");
  status.end();
  assert.deepEqual(screen.lines, ["a line", ""]);
});

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

test("a status line is removed, and stands above what follows its end", () => {
  const { screen, time, status } = setUp();
  status.show("state");
  status.clear();
  assert.deepEqual(screen.lines, [""]);
  status.show("a later state");
  time.now = 1;
  status.end();
  screen.write("after");
  assert.deepEqual(screen.lines, ["a later state", "after"]);
});

test("without a terminal, the text is a whole line every ten seconds", () => {
  const { screen, time, status } = setUp();
  screen.isTTY = false;
  for (time.now = 0; time.now < 25; time.now++) status.show(`${time.now}`);
  status.end();
  assert.deepEqual(screen.lines, ["0", "10", "20", ""]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { main } from "../../src/cli/mod.ts";
import { exposition, FakeIo } from "./fake_io.ts";

const SIZE = { columns: 80, rows: 24 };

/** The last screen that was drawn. */
const lastScreen = ({ out }: FakeIo): string => out.split("\x1b[H").at(-1)!;

test("top --once scrapes twice and prints the rates, without any escapes", async () => {
  const io = new FakeIo({ answer: (n) => exposition(n + 1), size: SIZE });
  const running = main(["top", "localhost:9090", "--once"], io);
  await io.pass(2);
  assert.equal(await running, 0);
  assert.equal(io.requests.length, 2);
  assert.match(io.out, /^shop_orders_total +7$/m);
  assert.match(io.out, /^ {2}payment="card" +5$/m);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(io.out, /\x1b/);
});

test("top without a terminal works as with --once", async () => {
  const io = new FakeIo({ answer: (n) => exposition(n + 1) });
  const running = main(["top", "http://a.test/m", "--interval=1"], io);
  await io.pass(1);
  assert.equal(await running, 0);
  assert.equal(io.requests[0]!.url.href, "http://a.test/m");
  assert.match(io.out, /^shop_orders_total +14$/m);
});

test("top --once of a target that is down, or has no metrics, fails", async () => {
  const down = new FakeIo({ answer: () => new Error("connection refused") });
  assert.equal(await main(["top", "localhost:1", "--once"], down), 2);
  assert.match(
    down.errors,
    /^barograph: http:\/\/localhost:1\/metrics is down: connection refused\n$/,
  );
  const other = new FakeIo({ answer: () => "hello, world {\n" });
  assert.equal(await main(["top", "localhost:1", "--once"], other), 2);
  assert.match(other.errors, /answers with no metrics: Cannot read line 1/);
});

test("top draws after each scrape, follows the size, and restores the terminal", async () => {
  const io = new FakeIo({ answer: (n) => exposition(n + 1), size: SIZE });
  const running = main(["top", "localhost:9090"], io);
  await io.until(() => io.requests.length === 1);
  await io.pass(2);
  await io.until(() => /shop_orders_total +7 /.test(lastScreen(io)));
  assert.ok(io.out.startsWith("\x1b[?1049h\x1b[?25l"));
  assert.equal(io.listeners, 1);
  io.resize({ columns: 30, rows: 5 });
  const lines = lastScreen(io).split("\r\n");
  assert.equal(lines.length, 5);
  assert.ok(!io.out.includes("\x1b[?1049l"));
  io.end();
  assert.equal(await running, 0);
  assert.ok(io.out.endsWith("\x1b[?25h\x1b[?1049l"));
  assert.equal(io.listeners, 0);
});

test("top shows since when a target is down, and goes on when it is back", async () => {
  const io = new FakeIo({
    answer: (n) =>
      n === 1 ? new Error("connection refused") : exposition(n + 1),
    size: SIZE,
  });
  const running = main(["top", "localhost:9090"], io);
  await io.until(() => io.requests.length === 1);
  await io.pass(2);
  await io.until(() =>
    /The target is down: connection refused/.test(lastScreen(io))
  );
  assert.match(lastScreen(io), /\(for 0 s; trying again\)/);
  await io.pass(2);
  await io.until(() => io.requests.length === 3);
  await io.until(() => !/is down/.test(lastScreen(io)));
  assert.match(lastScreen(io), /shop_orders_total +7 /); // 28 in 4 seconds
  io.end();
  assert.equal(await running, 0);
});

test("top has no colours if NO_COLOR is set", async () => {
  for (
    const [variables, isColoured] of [[{}, true], [
      { NO_COLOR: "1" },
      false,
    ]] as const
  ) {
    const io = new FakeIo({
      answer: () => exposition(1),
      size: SIZE,
      variables,
    });
    const running = main(["top", "localhost:9090"], io);
    await io.until(() => /carts/.test(io.out));
    io.end();
    await running;
    // deno-lint-ignore no-control-regex
    assert.equal(/\x1b\[[0-9;]*m/.test(io.out), isColoured);
  }
});

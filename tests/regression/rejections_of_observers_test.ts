// Errors that an observer throws are ignored. An asynchronous observer, or an
// asynchronous `collect`, rejects instead, and nobody handled the rejection: it
// ended the process.
import assert from "node:assert/strict";
import { test } from "node:test";

import { expose, prometheusText } from "../../src/encode/mod.ts";
import { metricsHandler } from "../../src/http/mod.ts";
import {
  capture,
  type ScrapeObserver,
  type Sink,
  type Source,
} from "../../src/model/mod.ts";
import { Delivery } from "../../src/push/delivery.ts";
import { FakeTimers } from "../../src/testing/mod.ts";
import { brokenSource, composed, get, registryOf } from "../http/fixtures.ts";
import { descOf, turn } from "../model/fixtures.ts";

/** Returns a rejected thenable that reports an unhandled rejection. */
function rejection(kind: "promise" | "thenable"): Promise<void> {
  const promise = Promise.reject(new Error("unhandled"));
  if (kind === "promise") return promise;
  return { then: promise.then.bind(promise) } as unknown as Promise<void>;
}

for (const kind of ["promise", "thenable"] as const) {
  test(`a handler ignores the rejection of an observer: ${kind}`, async () => {
    const called: string[] = [];
    const observer: ScrapeObserver = {
      failed() {
        called.push("failed");
        return rejection(kind);
      },
      scraped() {
        called.push("scraped");
        return rejection(kind);
      },
    };
    const source = composed(registryOf(), brokenSource("broken"));
    const response = await metricsHandler(source, { observer })(get());
    assert.equal(response.status, 200);
    await turn(); // an unhandled rejection would end the test here
    assert.deepEqual(called, ["failed", "scraped"]);
  });

  test(`Delivery ignores the rejection of onError: ${kind}`, async () => {
    let errors = 0;
    const delivery = new Delivery<number>({
      send: () => Promise.reject(new Error("cannot be encoded")),
      capacity: 4,
      batch: 2,
      interval: 1,
      timeout: 1,
      timers: new FakeTimers(),
      random: () => 0,
      onError() {
        errors++;
        return rejection(kind);
      },
    });
    delivery.add(1);
    assert.equal(await delivery.flush(), true);
    await turn(); // an unhandled rejection would end the test here
    assert.equal(errors, 1);
  });

  const asynchronous: Source = {
    descs: [descOf("gauge", "late")],
    collect(sink: Sink): Promise<void> {
      sink.family(this.descs[0]!);
      return rejection(kind);
    },
  };

  test(`a source whose collect() is asynchronous fails: ${kind}`, async () => {
    const failures: unknown[] = [];
    const observer: ScrapeObserver = {
      failed: (_part, error) => void failures.push(error),
    };
    const source = composed(registryOf(), asynchronous);
    const response = await metricsHandler(source, { observer })(get());
    const body = await response.text();
    assert.match(body, /barograph_source_missing\{source="late"\} 1/);
    capture(source, { observer });
    assert.throws(
      () => expose(asynchronous, prometheusText),
      (error) => failures.push(error) > 0,
    );
    assert.equal(failures.length, 3);
    for (const error of failures) {
      assert.match(
        String(error),
        /^TypeError: Cannot collect "late": collect must be synchronous; do asynchronous work in refresh\(\)$/,
      );
    }
    await turn(); // an unhandled rejection would end the test here
  });
}

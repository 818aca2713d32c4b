import assert from "node:assert/strict";
import { test } from "node:test";
import { createTelemetry, type ObserveOptions } from "../../mod.ts";
import { createRegistry } from "../../src/metrics/mod.ts";
import { collect } from "../../src/testing/mod.ts";
import { activeSpan, type SpanRecord } from "../../src/trace/mod.ts";
import { ManualTimers } from "../support/misbehaviour.ts";

/**
 * Pages that are mounted beside `/metrics`, such as the live page. They are
 * imported values, so that programs without one do not bundle it.
 */
import type { Clock, Timers } from "../base/mod.ts";
import type { Bus } from "../bus/mod.ts";
import type { Source } from "../model/mod.ts";
import type { Tracer } from "../trace/mod.ts";
import type { Redact } from "./events/frames.ts";
import type { Authorize } from "./guard.ts";
import type { Check } from "./health.ts";
import type { Hosts } from "./hosts.ts";

/** The parts of a service that a page shows; absent ones are not shown. */
export interface PageParts {
  /** The registry with all metrics. */
  readonly registry: Source;
  /** The tracer whose traces are shown. */
  readonly tracer?: Tracer | undefined;
  /** The bus whose events are shown. */
  // deno-lint-ignore no-explicit-any -- a bus of any topics
  readonly bus?: Bus<any> | undefined;
  /** The name of the service. */
  readonly service?: string | undefined;
  /** The version of the service. */
  readonly version?: string | undefined;
  /** The checks of readiness, by name. */
  readonly checks?: Readonly<Record<string, Check>> | undefined;
  /** Decides who may read. */
  readonly authorize?: Authorize | undefined;
  /** The names by which clients may address the page. */
  readonly hosts?: Hosts | undefined;
  /** Removes what readers must not see. */
  // deno-lint-ignore no-explicit-any -- events of any topics
  readonly redact?: Redact<any> | undefined;
  /** The clock of the page. */
  readonly clock: Clock;
  /** The timers of the page. */
  readonly timers: Timers;
}

/** A page that was mounted; disposing ends its feeds and its sampling. */
export interface MountedPage extends Disposable {
  /** Answers requests for the path of the page, and below it. Never rejects. */
  readonly handler: (request: Request) => Promise<Response>;
  /**
   * Prints the address of the page. `origin` is that of the server, such as
   * `http://localhost:9090`; without it, the line has only the path.
   */
  announce(origin?: string): void;
  /** Ends feeds, so that the server can stop. */
  close(): void;
}

/** A page that an application mounts, such as `dashboard("/_barograph")`. */
export interface Page {
  /** The path of the page; everything below it belongs to it, too. */
  readonly path: string;
  /**
   * Mounts the page over the parts of a service.
   *
   * @throws {TypeError} If a part is wrong.
   */
  mount(parts: PageParts): MountedPage;
}

/**
 * Sessions of a live view, by their ids: each change is told once, whatever is
 * said twice or in the wrong order, so that the gauges are always true.
 */
import type { Emitter } from "./fan_out.ts";
import type { LiveViewRecords, SessionState } from "./live_view.ts";

/** Tells of sessions; what cannot be is not told. */
export interface LiveSessions {
  /** How many sessions there are. */
  readonly size: number;
  /** A session has begun. */
  create(id: string): void;
  /** Its page is gone. */
  detach(id: string): void;
  /** Its page is back, and its state restored. */
  reattach(id: string): void;
  /** It has ended, with so many bytes of memory. */
  destroy(id: string, memoryBytes: number): void;
}

/** Follows sessions, and tells `backend` of their changes. */
export function liveSessions(
  backend: Pick<
    LiveViewRecords,
    "sessionCreate" | "sessionDestroy" | "sessionDetach" | "sessionReattach"
  >,
): LiveSessions {
  const states = new Map<string, SessionState>();
  /** Whether `id` was at `from`, and now is at `to`. */
  const changes = (id: string, from: SessionState, to: SessionState) => {
    if (states.get(id) !== from) return false;
    states.set(id, to);
    return true;
  };
  return {
    get size(): number {
      return states.size;
    },
    create(id) {
      if (states.has(id)) return;
      states.set(id, "active");
      backend.sessionCreate();
    },
    detach(id) {
      if (changes(id, "active", "detached")) backend.sessionDetach();
    },
    reattach(id) {
      if (changes(id, "detached", "active")) backend.sessionReattach();
    },
    destroy(id, memoryBytes) {
      const state = states.get(id);
      if (state === undefined) return;
      states.delete(id);
      backend.sessionDestroy(memoryBytes, state);
    },
  };
}

const NOTICES = ["create", "detach", "reattach", "destroy"] as const;

/**
 * Follows sessions by what an emitter tells of them: `session.create`,
 * `session.detach`, `session.reattach` with an id, `session.destroy` with an id
 * and bytes. Disposing ends it.
 */
export function attachSessions(
  emitter: Emitter,
  backend: Parameters<typeof liveSessions>[0],
): Disposable {
  const sessions = liveSessions(backend);
  const listeners = NOTICES.map((notice) => {
    const name = `session.${notice}`;
    const listener = (...told: unknown[]): void => {
      const [id, bytes = 0] = told;
      sessions[notice](String(id), Number(bytes));
    };
    emitter.on(name, listener);
    return [name, listener] as const;
  });
  return {
    [Symbol.dispose](): void {
      for (const [name, listener] of listeners) {
        emitter.off?.(name, listener);
      }
    },
  };
}

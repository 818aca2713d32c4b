/**
 * Tracks the sessions of a live view by id. Each transition is recorded once,
 * and transitions out of order are ignored, so that the gauges do not drift.
 */
import type { Emitter } from "../fan_out.ts";

/** The state of a session: `active` while its page is connected. */
export type SessionState = "active" | "detached";

/** The functions of a live view that record sessions. */
export interface SessionRecords {
  /** Counts a new session as active. */
  sessionCreate(): void;
  /** Counts the end of a session in `state`. Default: `active`. */
  sessionDestroy(memoryBytes: number, state?: SessionState): void;
  /** Counts an active session as detached. */
  sessionDetach(): void;
  /** Counts a detached session as active. */
  sessionReattach(): void;
}

/** Tracks sessions; transitions that do not fit the current state are ignored. */
export interface LiveSessions {
  /** The number of sessions. */
  readonly size: number;
  /** Starts a session. */
  create(id: string): void;
  /** Detaches a session: its page is disconnected. */
  detach(id: string): void;
  /** Reattaches a session: its page is connected again, and its state restored. */
  reattach(id: string): void;
  /** Ends a session that used `memoryBytes` of memory. */
  destroy(id: string, memoryBytes: number): void;
}

/** Creates a tracker of sessions that records their transitions in `backend`. */
export function liveSessions(backend: SessionRecords): LiveSessions {
  const states = new Map<string, SessionState>();
  /** Changes the state of a session; returns false if it is not `from`. */
  const transition = (id: string, from: SessionState, to: SessionState) => {
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
      if (transition(id, "active", "detached")) backend.sessionDetach();
    },
    reattach(id) {
      if (transition(id, "detached", "active")) backend.sessionReattach();
    },
    destroy(id, memoryBytes) {
      const state = states.get(id);
      if (state === undefined) return;
      states.delete(id);
      backend.sessionDestroy(memoryBytes, state);
    },
  };
}

const EVENTS = ["create", "detach", "reattach", "destroy"] as const;

/**
 * Tracks sessions by the events of an emitter until the result is disposed. The
 * events are `session.create`, `session.detach` and `session.reattach` with an
 * id, and `session.destroy` with an id and the memory in bytes.
 */
export function attachSessions(
  emitter: Emitter,
  backend: SessionRecords,
): Disposable {
  const sessions = liveSessions(backend);
  const listeners = EVENTS.map((event) => {
    const name = `session.${event}`;
    const listener = (...args: unknown[]): void => {
      const [id, bytes = 0] = args;
      sessions[event](String(id), Number(bytes));
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

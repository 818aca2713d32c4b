/**
 * Positions of a client: `EPOCH:SEQ`, or `EPOCH:SEQ:EVENT:TRACE` if it reads
 * events or traces. They are the ids of messages, and the parameter `after`.
 */

/** How far a client has read. */
export interface Position {
  /** Number of the last frame. */
  readonly seq: number;
  /** Id of the last event; undefined if the client has read none. */
  readonly event: number | undefined;
  /** Number of the last trace; undefined if the client has read none. */
  readonly trace: number | undefined;
}

const POSITION =
  /^([A-Za-z0-9_.-]{1,64}):([0-9]{1,15})(?::([0-9]{1,15}):([0-9]{1,15}))?$/;

/**
 * Parses `after`; undefined if it is missing, malformed or of another epoch: the
 * client then begins from the start.
 */
export function parsePosition(
  text: string | null,
  epoch: string,
): Position | undefined {
  const [, of, seq, event, trace] = POSITION.exec(text ?? "") ?? [];
  if (of !== epoch) return undefined;
  return {
    seq: Number(seq),
    event: event === undefined ? undefined : Number(event),
    trace: trace === undefined ? undefined : Number(trace),
  };
}

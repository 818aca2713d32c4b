/** Constants that the load test and its clients share. */

/** The epoch of the bus. */
export const EPOCH = "load";

/** The time of all events, in unix seconds. */
export const TIME = 1_700_000_000;

/** The frame of an event whose payload is its id. */
export function loadFrame(id: number): string {
  const timestamp = new Date(TIME * 1000).toISOString();
  const event = { id, traceId: "", kind: "n", timestamp, data: id };
  return `id: ${EPOCH}:${id}\ndata: ${JSON.stringify(event)}\n\n`;
}

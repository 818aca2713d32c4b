/** What the load test and its clients agree on. */

/** The name of the bus's life. */
export const EPOCH = "load";

/** When all of it happens, in unix seconds. */
export const TIME = 1_700_000_000;

/** The frame of an event whose payload is its id. */
export function loadFrame(id: number): string {
  const timestamp = new Date(TIME * 1000).toISOString();
  const event = { id, traceId: "", kind: "n", timestamp, data: id };
  return `id: ${EPOCH}:${id}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** The status that a server gives to arbitrary bytes. */
import { connect } from "node:net";

/**
 * Sends `text` as Latin-1. Resolves to the final status of the first answer; to 0
 * if the connection ends without one, or if none comes within 100 milliseconds
 * although the request is incomplete.
 */
export function statusOf(port: number, text: string): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    let got = "";
    const end = (): void => {
      clearTimeout(timer);
      socket.destroy();
      const [, status = "0"] = /HTTP\/1\.[01] ([2-9]\d\d)/.exec(got) ?? [];
      resolve(Number(status));
    };
    let timer = setTimeout(end, 5000);
    const isWhole = text.includes("\r\n\r\n");
    socket.on("connect", () => {
      socket.write(text, "latin1");
      if (isWhole) return;
      clearTimeout(timer);
      timer = setTimeout(end, 100);
    });
    socket.on("data", (bytes) => {
      got += bytes.toString("latin1");
      if (/HTTP\/1\.[01] [2-9]\d\d/.test(got)) end();
    });
    socket.on("error", end);
    socket.on("close", end);
  });
}

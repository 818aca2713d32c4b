/** Real receivers of pushes: Pushgateway, VictoriaMetrics, or any other program. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, until } from "./prometheus.ts";

/** A program that listens on the loopback interface until it is disposed. */
export class Receiver implements AsyncDisposable {
  /** Its address, without a slash at the end. */
  readonly url: string;
  readonly #stop: () => Promise<void>;

  private constructor(url: string, stop: () => Promise<void>) {
    this.url = url;
    this.#stop = stop;
  }

  /**
   * Starts `program` with the arguments for an address, such as
   * `127.0.0.1:1234`, and an empty folder. Waits until `path` answers 200.
   */
  static async start(
    program: string,
    args: (address: string, folder: string) => readonly string[],
    path: string,
  ): Promise<Receiver> {
    const folder = await mkdtemp(join(tmpdir(), "barograph-"));
    const address = `127.0.0.1:${await freePort()}`;
    const child = spawn(program, [...args(address, folder)], {
      cwd: folder,
      stdio: "ignore",
    });
    const ended = new Promise((resolve) => child.on("close", resolve));
    const receiver = new Receiver(`http://${address}`, async () => {
      child.kill("SIGKILL"); // nothing that it would store is read again
      await ended;
      await rm(folder, { recursive: true, force: true });
    });
    try {
      await until(async () => {
        const { status } = await receiver.fetch(path);
        return status === 200 || undefined;
      });
      return receiver;
    } catch (error) {
      await receiver.#stop();
      throw error;
    }
  }

  /** Starts a Pushgateway that stores nothing in files. */
  static pushgateway(
    program: string,
    options: readonly string[] = [],
  ): Promise<Receiver> {
    return Receiver.start(program, (address) => [
      `--web.listen-address=${address}`,
      "--persistence.file=",
      ...options,
    ], "/-/ready");
  }

  /** Starts a VictoriaMetrics whose samples can be queried at once. */
  static victoriaMetrics(
    program: string,
    options: readonly string[] = [],
  ): Promise<Receiver> {
    return Receiver.start(program, (address, folder) => [
      `-httpListenAddr=${address}`,
      `-storageDataPath=${folder}`,
      "-search.latencyOffset=0s",
      "-memory.allowedBytes=64MB",
      ...options,
    ], "/health");
  }

  /** Requests a path; the body must be read. */
  async fetch(
    path: string,
    init?: RequestInit,
  ): Promise<{ readonly status: number; readonly body: Uint8Array }> {
    const response = await fetch(this.url + path, init);
    const body = new Uint8Array(await response.arrayBuffer());
    return { status: response.status, body };
  }

  /** Requests a path, and reads the answer as JSON. */
  async json<T>(path: string): Promise<T> {
    const { body } = await this.fetch(path);
    return JSON.parse(new TextDecoder().decode(body)) as T;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }
}

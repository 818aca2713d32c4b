/** Sends requests with custom certificates, by `node:https`. */
import { builtin } from "./builtin.ts";

/** Certificates of a client, as PEM. */
export interface ClientTls {
  /** The authorities of server certificates, instead of those of the system. */
  readonly ca?: string | undefined;
  /** The certificate chain of the client. */
  readonly cert?: string | undefined;
  /** The private key of the client. */
  readonly key?: string | undefined;
}

/** The part of `fetch` that sends a whole body and follows no redirect. */
export type TlsFetch = (url: string, init: RequestInit) => Promise<Response>;

interface IncomingMessage {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

interface ClientRequest {
  on(event: "error", listener: (error: unknown) => void): unknown;
  end(body: unknown): void;
}

interface Https {
  readonly Agent: new (options: object) => object;
  request(
    url: string,
    options: object,
    answered: (message: IncomingMessage) => void,
  ): ClientRequest;
}

interface Streams {
  readonly Readable: {
    toWeb(message: IncomingMessage): ReadableStream<Uint8Array<ArrayBuffer>>;
  };
}

/** The status codes of responses that cannot have a body. */
const WITHOUT_BODY: readonly number[] = [204, 205, 304];

/**
 * Returns a function that sends requests to `https:` with certificates; undefined
 * if the runtime has no `node:https`.
 */
export function tlsFetch(tls: ClientTls): TlsFetch | undefined {
  const https = builtin<Https>("node:https");
  const streams = builtin<Streams>("node:stream");
  if (https === undefined || streams === undefined) return undefined;
  const agent = new https.Agent({ ...tls, keepAlive: true });
  return (url, { method, headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const options = { ...tls, agent, method, headers, signal };
      const request = https.request(url, options, (message) => {
        const { statusCode: status } = message;
        const stream = streams.Readable.toWeb(message);
        resolve(
          new Response(WITHOUT_BODY.includes(status) ? null : stream, {
            status,
            headers: pairsOf(message.headers),
          }),
        );
      });
      request.on("error", reject);
      request.end(body);
    });
}

function pairsOf(headers: IncomingMessage["headers"]): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]]
  );
}

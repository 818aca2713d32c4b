/**
 * A messaging gateway that sends its metrics to StatsD, through a custom backend:
 * an object with the functions of the recorder.
 *
 *     deno run --allow-net --allow-env examples/channels_statsd.ts
 *
 * STATSD_PORT is the port of the daemon on this machine. Default: 8125.
 *
 * Runs on Deno, Bun and Node.
 */
import { createSocket } from "node:dgram";
import { env } from "node:process";
import {
  type ChannelRecords,
  channels,
} from "../src/recorders/presets/channels.ts";

const socket = createSocket("udp4");
const port = Number(env["STATSD_PORT"] ?? 8125);

/** Sends one line of the StatsD protocol, without waiting. */
function send(name: string, value: number, type: "c" | "g" | "ms"): void {
  const safe = name.replace(/[^A-Za-z0-9_.-]/g, "_");
  socket.send(`gort.${safe}:${value}|${type}`, port, "127.0.0.1", () => {});
}

const statsd: Partial<ChannelRecords> = {
  messageReceived: (channel, direction) =>
    send(`received.${channel}.${direction}`, 1, "c"),
  messageSent: (channel) => send(`sent.${channel}`, 1, "c"),
  messageDuration: (channel, seconds) =>
    send(`duration.${channel}`, seconds * 1000, "ms"),
  channelError: (channel, _type, error) =>
    send(`errors.${channel}.${error}`, 1, "c"),
  sessionsActive: (count) => send("sessions", count, "g"),
};

const stats = channels.stats();
channels.global.use(channels.tee(statsd, stats));

// Anywhere in the program:
const { record } = channels.global;
record.messageReceived("wechat", "inbound", "text");
record.messageDuration("wechat", 0.012);
record.messageSent("wechat", "outbound", "text");
record.channelError("dingtalk", "dingtalk", "rate limit");
record.sessionsActive(4);

console.log(stats.read());
await new Promise((done) => setTimeout(done, 50)); // until they are sent
socket.close();

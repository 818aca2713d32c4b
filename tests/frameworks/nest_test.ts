/** NestJS, by the middleware of Express and by the plugin of Fastify. */
import "reflect-metadata";
import {
  Body,
  Controller,
  ForbiddenException,
  Get,
  HttpException,
  type INestApplication,
  Module,
  Param,
  Post,
  StreamableFile,
} from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import {
  ExpressAdapter,
  type NestExpressApplication,
} from "@nestjs/platform-express";
import {
  FastifyAdapter,
  type NestFastifyApplication,
} from "@nestjs/platform-fastify";
import type { IncomingMessage } from "node:http";
import { fastifyPlugin, nodeMiddleware } from "../../src/frameworks/mod.ts";
import { adapters, broken, type Build, user } from "./app.ts";
import { frameworkContract } from "./contract.ts";
import { appOfServer, nodeOptions, nodeStream } from "./node_app.ts";

class Users {
  one(id: string): Promise<string> {
    return user(id);
  }
  add(body: string): string {
    return body;
  }
  forbidden(): void {
    throw new ForbiddenException();
  }
  broken(): void {
    throw broken();
  }
  teapot(): void {
    throw new HttpException("short and stout", 418);
  }
  stream(): StreamableFile {
    return new StreamableFile(nodeStream());
  }
}

class Items {
  one(item: string): string {
    return item;
  }
}

/** Applies decorators without their syntax, which not all runtimes have. */
function decorated(
  of: { readonly prototype: object },
  name: string,
  method: MethodDecorator,
  parameter?: ParameterDecorator,
): void {
  const { prototype } = of;
  method(prototype, name, Object.getOwnPropertyDescriptor(prototype, name)!);
  parameter?.(prototype, name, 0);
}

Controller()(Users);
decorated(Users, "one", Get("users/:id"), Param("id"));
decorated(Users, "add", Post("users"), Body());
decorated(Users, "forbidden", Get("forbidden"));
decorated(Users, "broken", Get("broken"));
decorated(Users, "teapot", Get("teapot"));
decorated(Users, "stream", Get("stream"));
Controller("api")(Items);
decorated(Items, "one", Get("items/:item"), Param("item"));

class Shop {}
Module({ controllers: [Users, Items] })(Shop);

/** Listens, and returns the app. */
async function listening(app: INestApplication) {
  await app.listen(0, "127.0.0.1");
  const { send, close } = appOfServer(app.getHttpServer());
  return {
    // Nest refuses bodies without a type, which Bun does not set.
    send: (path: string, init?: RequestInit) =>
      send(path, {
        ...init,
        headers: { "content-type": "text/plain", ...init?.headers as object },
      }),
    async close() {
      await close!();
      await app.close();
    },
  };
}

const onExpress: Build = async ({ telemetry, options, times }) => {
  const own = nodeOptions(options, (request: IncomingMessage) => request);
  const app = await NestFactory.create<NestExpressApplication>(
    Shop,
    new ExpressAdapter(),
    { logger: false },
  );
  app.useBodyParser("text");
  for (const adapter of adapters(times, () => nodeMiddleware(telemetry, own))) {
    app.use(adapter);
  }
  return await listening(app);
};

const onFastify: Build = async ({ telemetry, options, times }) => {
  const own = nodeOptions(
    options,
    ({ raw }: { raw: IncomingMessage }) => raw,
  );
  const app = await NestFactory.create<NestFastifyApplication>(
    Shop,
    new FastifyAdapter(),
    { logger: false },
  );
  for (const adapter of adapters(times, () => fastifyPlugin(telemetry, own))) {
    await app.register(adapter);
  }
  return await listening(app);
};

// The filters of Nest answer errors before Express or Fastify see them.
const hidesErrors = true;
frameworkContract("nodeMiddleware for NestJS", onExpress, { hidesErrors });
frameworkContract("fastifyPlugin for NestJS", onFastify, { hidesErrors });

/**
 * The route template of Express 4 and 5, and of their package `router`.
 *
 * The handlers of a router know its mount path only as the text that matched it,
 * `req.baseUrl`, and error handlers no longer know it. Therefore each request
 * gets a property `baseUrl` that translates the text while the router that sets
 * it also has the parameters of the match in `req.params`.
 */
import { cutText } from "../base/internal.ts";

/** The part of a request that routers of Express set. */
interface ExpressRequest {
  baseUrl?: unknown;
  readonly route?: unknown;
  readonly params?: unknown;
}

/** The mount path of a router. */
interface Level {
  /** The text that has matched. */
  readonly url: string;
  /** Its template. */
  readonly template: string;
  /** The parameters of the match, which routers within may inherit. */
  readonly params?: unknown;
  /** The router around it. */
  readonly outer: Level | undefined;
}

const TOP: Level = { url: "", template: "", outer: undefined };

/**
 * The templates of mount paths, each in its first spelling: routers ignore the
 * case of paths, so clients could make new ones. A path that is an expression
 * without groups matches any text: beyond the limit, its template is "".
 */
export class MountPaths {
  readonly #limit: number;
  /** Templates by their first spelling, also in lower case. */
  readonly #spellings = new Map<string, string>();

  /** Keeps about `limit` templates. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Returns the template in its first spelling. */
  known(template: string): string {
    const spellings = this.#spellings;
    const found = spellings.get(template) ??
      spellings.get(template.toLowerCase());
    if (found !== undefined) return found;
    if (spellings.size >= this.#limit) return "";
    const text = cutText(template);
    spellings.set(text, text);
    spellings.set(text.toLowerCase(), text);
    return text;
  }
}

/** Those of all apps of the process. */
const mountPaths = /* @__PURE__ */ new MountPaths(2000);

/** Follows the routers that a request passes through. */
class RouteTracker {
  #level: Level;
  #route: unknown;
  /** The template of the last route that has matched; "" if none has. */
  #matched = "";

  /** The template of the first text is not known: templates begin behind it. */
  constructor(url: string, params: unknown) {
    this.#level = url === "" ? TOP : { url, template: "", params, outer: TOP };
  }

  /** The text of `req.baseUrl`. */
  get url(): string {
    return this.#level.url;
  }

  /** Follows a new text of `req.baseUrl`. */
  moveTo(url: string, request: ExpressRequest): void {
    if (url === this.#level.url) return;
    this.#note(request.route); // before its level is left
    let outer: Level | undefined = this.#level;
    while (outer !== undefined && outer.url.length > url.length) {
      outer = outer.outer;
    }
    if (outer?.url === url) {
      this.#level = outer;
      return;
    }
    if (outer === undefined || !url.startsWith(outer.url)) outer = TOP;
    const { params } = request;
    const piece = templateOf(url.slice(outer.url.length), params, outer);
    const template = mountPaths.known(outer.template + piece);
    this.#level = { url, template, params, outer };
  }

  /** Follows a text whose template is not known. */
  lose(url: string): void {
    this.#level = { url, template: "", outer: TOP };
  }

  /** Returns the template; "" if nothing has matched. */
  template(request: ExpressRequest): string {
    this.#note(request.route);
    return this.#matched || this.#level.template;
  }

  #note(route: unknown): void {
    if (route === undefined || route === this.#route) return;
    this.#route = route;
    this.#matched = this.#level.template + pathOf(route) || "/";
  }
}

/** Returns the path of a route; "" for the root of a router. */
function pathOf(route: unknown): string {
  const { path } = Object(route) as { readonly path?: unknown };
  const text = Array.isArray(path) ? path.flat().join("|") : String(path ?? "");
  return text === "/" ? "" : cutText(text);
}

/**
 * Replaces the values of parameters in a path by their names. If the program has
 * changed a parameter, its text is not known: then nothing of the path is kept,
 * because clients choose that text.
 */
function templateOf(path: string, params: unknown, outer: Level): string {
  const values = Object.entries(Object(params) as Record<string, unknown>);
  if (values.length === 0) return path;
  // Texts at even places, names at odd ones.
  const parts = [decoded(path)];
  const missing: string[] = [];
  // The last ones first: the words of a path are mostly in front of its values.
  for (const [name, value] of values.reverse()) {
    // The value of a wildcard is a list of segments.
    const text = Array.isArray(value) ? value.join("/") : String(value ?? "");
    if (text === "") continue;
    const isInherited = valueIn(outer.params, name) === value;
    const isText = typeof value === "string" || Array.isArray(value);
    const isPlaced = placed(parts, name, `/${text}/`) ||
      isText && !isInherited && placed(parts, name, text);
    if (!isPlaced && !isInherited) missing.unshift(`/:${name}`);
  }
  return missing.length === 0 ? parts.join("") : missing.join("");
}

/**
 * Puts the name of a parameter in place of the last occurrence of its value, with
 * slashes around it for whole segments; returns false if there is none.
 */
function placed(parts: string[], name: string, value: string): boolean {
  const isWhole = value.startsWith("/") && value.endsWith("/");
  const margin = isWhole ? 1 : 0;
  for (let i = parts.length - 1; i >= 0; i -= 2) {
    const part = parts[i]!;
    const at = (isWhole ? `${part}/` : part).lastIndexOf(value);
    if (at < 0) continue;
    const start = at + margin;
    const end = at + value.length - margin;
    parts.splice(i, 1, part.slice(0, start), `:${name}`, part.slice(end));
    return true;
  }
  return false;
}

function valueIn(params: unknown, name: string): unknown {
  return (Object(params) as Record<string, unknown>)[name];
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

const TRACKER = /* @__PURE__ */ Symbol("barograph.route");
const TEXT = Symbol("barograph.baseUrl");

type Tracked = ExpressRequest & {
  [TRACKER]?: RouteTracker;
  /** The text before the request is followed. */
  [TEXT]?: unknown;
};

const BASE_URL: PropertyDescriptor & ThisType<Tracked> = {
  configurable: true,
  enumerable: true,
  get() {
    const tracker = this[TRACKER];
    return tracker === undefined ? this[TEXT] : tracker.url;
  },
  set(url: unknown) {
    const tracker = this[TRACKER];
    if (tracker === undefined) {
      this[TEXT] = url;
      return;
    }
    const text = String(url ?? "");
    try {
      tracker.moveTo(text, this);
    } catch {
      tracker.lose(text); // routes or parameters of another shape
    }
  },
};

/** Follows the routers of a request from now on, if it is one of Express. */
export function followRoute(request: object): void {
  const { baseUrl, params } = request as ExpressRequest;
  if (typeof baseUrl !== "string" || TRACKER in request) return;
  (request as Tracked)[TRACKER] = new RouteTracker(baseUrl, params);
  if (!Object.hasOwn(request, "baseUrl")) return; // see `followApp`
  Object.defineProperty(request, "baseUrl", BASE_URL);
  followApp(Object.getPrototypeOf(request));
}

/**
 * Gives later requests of an app of Express 5 the property by `app.request`, their
 * prototype: an own property that becomes an accessor makes an object slow in V8,
 * and with it all that Express does.
 */
function followApp(prototype: object | null): void {
  if (prototype === null || "baseUrl" in prototype) return;
  const isOfApp = Object.hasOwn(prototype, "app");
  if (isOfApp) Reflect.defineProperty(prototype, "baseUrl", BASE_URL);
}

/** Returns the template of an answered request; "" if there is none. */
export function expressRoute(request: object): string {
  return (request as Tracked)[TRACKER]?.template(request) ?? "";
}

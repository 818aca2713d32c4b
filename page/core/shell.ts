/** The shell: the frame around the views, which starts and switches them. */
import { failed, loading } from "../parts/states.ts";
import { VIEW_NAMES } from "./address.ts";
import { Server } from "./api.ts";
import type { Address, App, Changes, MakeView, View, ViewName } from "./app.ts";
import { copy } from "./clipboard.ts";
import { h, setText } from "./dom.ts";
import { makeFoot } from "./foot.ts";
import { Frame } from "./frame.ts";
import { HashLocation, takeKeyFromBar } from "./hash_location.ts";
import { makeHelp } from "./help.ts";
import { listenToKeys } from "./keys.ts";
import { runViews } from "./later.ts";
import { Live } from "./live.ts";
import { makeLogin } from "./login.ts";
import { NavCounts } from "./nav_counts.ts";
import { makePen } from "./pen.ts";
import { onResize } from "./sizes.ts";
import { Themes } from "./theme.ts";
import { makeTooltip } from "./tooltip.ts";
import { makeTopBar, TITLES } from "./top_bar.ts";

/** Milliseconds over which the bytes of the feed are averaged. */
const FEED_WINDOW = 10_000;

/** Starts the page with its first view. */
export function startShell(overview: MakeView): void {
  const server = new Server(takeKeyFromBar());
  const frame = new Frame(draw);
  const spoken = h("div", { class: "unseen", "aria-live": "polite" });
  const tooltip = makeTooltip();
  const location = new HashLocation(() => frame.mark("address"), useKey);
  const live = new Live(server, {
    mark: (...names) => frame.mark(...names),
    onFrame: () => {
      isKeyProven = true;
      pen.dip();
    },
    onState: () => frame.mark(),
    onRefused: () => askForKey(),
  });
  const app: App = {
    store: live.store,
    location,
    api: server,
    tooltip,
    get feed() {
      const { kind } = live.pen;
      if (kind === "paused") return kind;
      return kind === "live" || kind === "restarted" ? "live" : "away";
    },
    redraw: () => frame.mark(),
    announce: (text) => setText(spoken, text),
    copy: (text, button) => void copy(text, button, app.announce),
  };

  const pen = makePen(() => live.press());
  const counts = new NavCounts(app);
  const help = makeHelp();
  const showHelp = () => help.showModal();
  const themes = new Themes(() => frame.mark("theme"));
  const bar = makeTopBar(app, pen, () => themes.toggle());
  const foot = makeFoot(app, showHelp);
  const routeName = h("b");
  const routeChip = h(
    "div",
    { class: "route-chip-place", hidden: true },
    h(
      "button",
      {
        class: "chip route-chip",
        type: "button",
        title: "Show all routes (Esc)",
        onclick: () => location.go({ route: "" }),
      },
      h("span", null, "Only ", routeName),
    ),
  );
  const place = h("div", { class: "view-place" });
  const main = h("main", { id: "main", tabindex: -1 }, routeChip, place);
  const skip = h("button", {
    class: "button skip",
    type: "button",
    onclick: () => main.focus(),
  }, "Skip to the content");

  const views = new Map<ViewName, View>();
  let makers: Readonly<Partial<Record<ViewName, MakeView>>> = { overview };
  let loadingViews: Promise<void> | undefined;
  let shown: ViewName | undefined;
  /** The view that is awaited, or that has failed. */
  let blocked: ViewName | undefined;
  let isLocked = false;
  let wasAsked = false;
  /** Whether data has come with this key. */
  let isKeyProven = false;

  const login = makeLogin(useKey);

  function useKey(key: string): void {
    server.key = key;
    isKeyProven = false;
    unlock();
    live.reopen();
  }

  function askForKey(): void {
    const wasWrong = server.hasKey || wasAsked;
    wasAsked = true;
    isLocked = true;
    document.body.classList.add("locked");
    main.replaceChildren(login.element);
    login.ask(
      !wasWrong
        ? ""
        : isKeyProven
        ? "The key has changed; the program has probably restarted."
        : "This key is not the right one.",
    );
    frame.markAll();
  }

  function unlock(): void {
    if (!isLocked) return;
    isLocked = false;
    document.body.classList.remove("locked");
    main.replaceChildren(routeChip, place);
    frame.markAll();
  }

  function visibleViews(): readonly ViewName[] {
    const { hello } = live.store;
    if (hello === null) return VIEW_NAMES.filter((name) => name !== "fleet");
    const { events, fleet, traces } = hello.has;
    const hidden: Readonly<Partial<Record<ViewName, boolean>>> = {
      events: !events,
      fleet: !fleet,
      traces: !traces,
    };
    return VIEW_NAMES.filter((name) => hidden[name] !== true);
  }

  /** Loads the second script, once. */
  function loadViews(): Promise<void> {
    return loadingViews ??= server.text("views.js").then((text) => {
      makers = { overview, ...runViews(text).makers };
    });
  }

  /** Shows ruled paper until the view has come. */
  function awaitView(name: ViewName): void {
    blocked = name;
    shown = undefined;
    place.replaceChildren(titled(name), loading());
    // The feed opens meanwhile; it also tells whether the key is right.
    live.show("", location.now.range);
    loadViews().then(() => retry(name), (error) => {
      loadingViews = undefined;
      if (blocked === name) showFailure(name, error);
    });
  }

  function showFailure(name: ViewName, error: unknown): void {
    blocked = name;
    shown = undefined;
    const words = error instanceof Error ? error.message : String(error);
    place.replaceChildren(
      titled(name),
      failed(`${TITLES[name]} cannot be shown.`, words, () => retry(name)),
    );
  }

  function retry(name: ViewName): void {
    if (blocked === name) blocked = undefined;
    frame.markAll();
  }

  /** Shows one view in place of another. */
  function switchTo(name: ViewName, make: MakeView): void {
    const hadFocus = place.contains(document.activeElement);
    tooltip.hide();
    const isFirst = shown === undefined;
    shown = name;
    const view = views.get(name) ?? make(app);
    views.set(name, view);
    place.replaceChildren(view.element);
    if (!isFirst) scrollTo(0, 0);
    if (hadFocus) main.focus({ preventScroll: true });
    document.title = titleOf(location.now);
  }

  function titleOf({ path, view }: Address): string {
    const service = live.store.hello?.service || "Barograph";
    return `${path[0] ?? TITLES[view]} · ${service}`;
  }

  /** Draws the current view; its failure leaves the shell alive. */
  function drawView(name: ViewName, changes: Changes): void {
    if (blocked === name) return;
    blocked = undefined;
    const make = makers[name];
    if (make === undefined) return awaitView(name);
    try {
      if (shown !== name) {
        switchTo(name, make);
        changes = allChanged(changes);
      }
      const view = views.get(name)!;
      live.show(view.want(), location.now.range);
      view.update(changes);
    } catch (error) {
      reportError(error);
      views.delete(name);
      showFailure(name, error);
    }
  }

  function draw(changes: Changes): void {
    const { route, view } = location.now;
    pen.show(live.pen);
    bar.update({ counts: counts.now(), now: live.now, views: visibleViews() });
    foot.update(feedRate());
    if (isLocked) return;
    routeChip.hidden = route === "";
    setText(routeName, route);
    if (changes.address || changes.hello) {
      document.title = titleOf(location.now);
    }
    // After the first picture, so that a click waits for nothing.
    if (live.store.hello !== null && loadingViews === undefined) {
      loadViews().catch(() => {
        // Tried again when a view is asked for.
      });
    }
    drawView(view, changes);
  }

  const samples: { readonly at: number; readonly bytes: number }[] = [];
  function feedRate(): number {
    const at = performance.now();
    samples.push({ at, bytes: live.bytes });
    while (samples.length > 2 && at - samples[1]!.at > FEED_WINDOW) {
      samples.shift();
    }
    const first = samples[0]!;
    return at - first.at < 1000
      ? 0
      : (live.bytes - first.bytes) / (at - first.at) * 1000;
  }

  document.body.append(
    skip,
    bar.element,
    main,
    foot.element,
    help,
    tooltip.element,
    spoken,
  );
  onResize(main, () => frame.mark("size"));
  listenToKeys({
    app,
    main,
    view: () => shown === undefined ? undefined : views.get(shown),
    views: visibleViews,
    pause: () => live.press(),
    theme: () => themes.toggle(),
    help: showHelp,
  });
  frame.markAll();
}

/** Returns the heading of a view that has none yet. */
function titled(name: ViewName): HTMLElement {
  return h("h1", { class: "unseen" }, TITLES[name]);
}

function allChanged(changes: Changes): Changes {
  return Object.fromEntries(
    Object.keys(changes).map((name) => [name, true]),
  ) as unknown as Changes;
}

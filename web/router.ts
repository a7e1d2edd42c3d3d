// The pages' addresses: parsed into a union, written from it, and moved between without a reload.
import type { AnchorHTMLAttributes, MouseEvent, ReactElement } from "react";
import { createElement, useSyncExternalStore } from "react";

/** Where the film begins; "ask" lets the player offer the resume point. */
export type WatchFrom = "ask" | "resume" | "beginning";

export type Route =
  | { readonly kind: "home" }
  | { readonly kind: "title"; readonly id: string }
  | { readonly kind: "watch"; readonly id: string; readonly from: WatchFrom }
  | { readonly kind: "ops" }
  | { readonly kind: "unknown"; readonly path: string };

/** From an address without its host: "/watch/bunny?from=resume". */
export function parseRoute(address: string): Route {
  const [path = "", query = ""] = address.split("?", 2);
  const [first = "", second, ...rest] = path.split("/").filter((part) => part !== "");
  const id = second === undefined ? undefined : decoded(second);
  if (rest.length > 0) return { kind: "unknown", path };
  if (first === "" && id === undefined) return { kind: "home" };
  if (first === "ops" && id === undefined) return { kind: "ops" };
  if (first === "title" && id !== undefined) return { kind: "title", id };
  if (first === "watch" && id !== undefined) return { kind: "watch", id, from: watchFrom(query) };
  return { kind: "unknown", path };
}

export function hrefOf(route: Route): string {
  switch (route.kind) {
    case "home":
      return "/";
    case "ops":
      return "/ops";
    case "title":
      return `/title/${encodeURIComponent(route.id)}`;
    case "watch":
      return `/watch/${encodeURIComponent(route.id)}${route.from === "ask" ? "" : `?from=${route.from}`}`;
    case "unknown":
      return route.path;
  }
}

/** The address as a route; the component is drawn again when it changes. */
export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(subscribe, () => location.pathname + location.search));
}

export function navigate(route: Route, how: "push" | "replace" = "push"): void {
  const href = hrefOf(route);
  if (how === "push") history.pushState(null, "", href);
  else history.replaceState(null, "", href);
  dispatchEvent(new PopStateEvent("popstate"));
  if (how === "replace") return;
  scrollTo(0, 0);
  // A screen reader and the Tab key go on from the new page, not from the link that is gone.
  document.getElementById("content")?.focus({ preventScroll: true });
}

type LinkProps = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href"> & { readonly to: Route };

/** A real link: opens in a new tab when asked to, and only a plain click stays on the page. */
export function Link({ to, ...rest }: LinkProps): ReactElement {
  const follow = (event: MouseEvent<HTMLAnchorElement>): void => {
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (event.defaultPrevented || !plain) return;
    event.preventDefault();
    navigate(to);
  };
  return createElement("a", { ...rest, href: hrefOf(to), onClick: follow });
}

function subscribe(changed: () => void): () => void {
  addEventListener("popstate", changed);
  return () => removeEventListener("popstate", changed);
}

function watchFrom(query: string): WatchFrom {
  const from = new URLSearchParams(query).get("from");
  return from === "resume" || from === "beginning" ? from : "ask";
}

/** An address that is no valid encoding stands for itself: it will simply not be found. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

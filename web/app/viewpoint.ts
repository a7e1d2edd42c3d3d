// Where the viewer sits, on an installation whose topology names viewpoints. Remembered in this browser.
import { useSyncExternalStore } from "react";

export interface Viewpoint {
  readonly id: string;
  readonly name: string;
  readonly address: string;
}

const key = "millrace.viewpoint";
/** Remembered instead of an id: steer by the address the request really comes from. */
export const ownAddress = "@own";
const changes = new EventTarget();

/**
 * The viewpoint that holds: the remembered one while it still exists, else the first. Undefined is the request's own address.
 */
export function chosenViewpoint(
  remembered: string | null,
  viewpoints: readonly Viewpoint[],
): Viewpoint | undefined {
  if (remembered === ownAddress) return undefined;
  return viewpoints.find((viewpoint) => viewpoint.id === remembered) ?? viewpoints[0];
}

export function useViewpoint(
  viewpoints: readonly Viewpoint[],
): readonly [Viewpoint | undefined, (id: string | undefined) => void] {
  const remembered = useSyncExternalStore(subscribe, recall);
  return [chosenViewpoint(remembered, viewpoints), remember];
}

/** What this page has chosen, also where the browser refuses to store it. */
let current: string | null | undefined;

function recall(): string | null {
  if (current === undefined) current = stored();
  return current;
}

function stored(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(id: string | undefined): void {
  current = id ?? ownAddress;
  try {
    localStorage.setItem(key, current);
  } catch {
    // A browser that stores nothing still steers: `current` holds for this visit.
  }
  changes.dispatchEvent(new Event("change"));
}

function subscribe(changed: () => void): () => void {
  changes.addEventListener("change", changed);
  return () => changes.removeEventListener("change", changed);
}

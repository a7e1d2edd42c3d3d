// Which key does what in the player: one table, that the keys obey and the help shows.
import type { Deeds } from "./deeds.ts";

const stepMs = 5000;
const skipMs = 10_000;
const volumeStep = 0.1;

/** A row of the map; `id` names its sentence in the catalogue. */
export interface KeyRow {
  readonly id:
    | "toggle"
    | "back10"
    | "on10"
    | "back5"
    | "on5"
    | "louder"
    | "quieter"
    | "mute"
    | "whole"
    | "captions"
    | "drawer"
    | "next"
    | "picture"
    | "faster"
    | "slower"
    | "tenth"
    | "start"
    | "end"
    | "help";
  /** As a browser names them; letters in lower case. */
  readonly keys: readonly string[];
  readonly does: (deeds: Deeds, key: string) => void;
}

export const keyMap: readonly KeyRow[] = [
  { id: "toggle", keys: [" ", "k"], does: (deeds) => deeds.toggle() },
  { id: "back10", keys: ["j"], does: (deeds) => deeds.skip(-skipMs) },
  { id: "on10", keys: ["l"], does: (deeds) => deeds.skip(skipMs) },
  { id: "back5", keys: ["ArrowLeft"], does: (deeds) => deeds.skip(-stepMs) },
  { id: "on5", keys: ["ArrowRight"], does: (deeds) => deeds.skip(stepMs) },
  { id: "tenth", keys: [..."0123456789"], does: (deeds, key) => deeds.share(Number(key) / 10) },
  { id: "start", keys: ["Home"], does: (deeds) => deeds.share(0) },
  { id: "end", keys: ["End"], does: (deeds) => deeds.share(1) },
  { id: "louder", keys: ["ArrowUp"], does: (deeds) => deeds.louder(volumeStep) },
  { id: "quieter", keys: ["ArrowDown"], does: (deeds) => deeds.louder(-volumeStep) },
  { id: "mute", keys: ["m"], does: (deeds) => deeds.mute() },
  { id: "faster", keys: [">"], does: (deeds) => deeds.faster(1) },
  { id: "slower", keys: ["<"], does: (deeds) => deeds.faster(-1) },
  { id: "captions", keys: ["c"], does: (deeds) => deeds.captions() },
  { id: "whole", keys: ["f"], does: (deeds) => deeds.fullscreen() },
  { id: "picture", keys: ["p"], does: (deeds) => deeds.picture() },
  { id: "next", keys: ["n"], does: (deeds) => deeds.next() },
  { id: "drawer", keys: ["i"], does: (deeds) => deeds.drawer() },
  { id: "help", keys: ["?"], does: (deeds) => deeds.help() },
];

/** Who has the focus, and so the first right to a key. */
export type Focus = "none" | "button" | "choice" | "text" | "seek";

export interface Press {
  readonly key: string;
  /** The key's place on the keyboard: what stands in for a letter on a keyboard without Latin ones. */
  readonly code: string;
  readonly modified: boolean;
  readonly focus: Focus;
}

const moving = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];
/** What each takes for itself. */
const taken: Readonly<Record<Focus, (key: string) => boolean>> = {
  none: () => false,
  button: (key) => key === " ",
  choice: (key) => key === " " || moving.includes(key),
  text: () => true,
  seek: () => false,
};

/** The deed of a key, or undefined when the key belongs to what has the focus, to the browser, or to nobody. */
export function deedFor({ key, code, modified, focus }: Press, deeds: Deeds): (() => void) | undefined {
  if (modified || taken[focus](key)) return undefined;
  const name = latin(key, code);
  const row = keyMap.find(({ keys }) => keys.includes(name));
  return row === undefined ? undefined : () => row.does(deeds, name);
}

/** "ن" on the key of K is k. */
function latin(key: string, code: string): string {
  if (key.length !== 1) return key;
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  const written = /[ -~]/.test(key) ? key : (letter ?? key);
  return written.toLowerCase();
}

export function pressOf(event: KeyboardEvent): Press {
  const { key, code, ctrlKey, metaKey, altKey, target } = event;
  return { key, code, modified: ctrlKey || metaKey || altKey, focus: focusOf(target) };
}

function focusOf(target: EventTarget | null): Focus {
  if (!(target instanceof HTMLElement)) return "none";
  if (target.dataset.keys === "own") return "choice";
  if (target instanceof HTMLInputElement) {
    if (target.type === "range") return target.dataset.keys === "seek" ? "seek" : "choice";
    return target.type === "radio" || target.type === "checkbox" ? "choice" : "text";
  }
  if (target.tagName === "SELECT" || target.tagName === "TEXTAREA") return "text";
  return ["BUTTON", "A", "SUMMARY"].includes(target.tagName) ? "button" : "none";
}

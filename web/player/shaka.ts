// Shaka Player as a part that is fetched only when somebody watches, with its types under short names.
import type * as module from "shaka-player/dist/shaka-player.dash-es2021.js";

export type Shaka = typeof module.default.default;
export type ShakaPlayer = module.default.Player;
export type AbrManager = module.default.extern.AbrManager;
export type AbrConfiguration = module.default.extern.AbrConfiguration;
export type SwitchCallback = module.default.extern.AbrManager.SwitchCallback;
export type DisableStreamCallback = module.default.extern.AbrManager.DisableStreamCallback;
export type AudioTrack = module.default.extern.AudioTrack;
export type TextTrack = module.default.extern.TextTrack;
export type TextDisplayer = module.default.extern.TextDisplayer;
export type Cue = module.default.text.Cue;
export type Variant = module.default.extern.Variant;
export type ShakaRequest = module.default.extern.Request;
export type RequestContext = module.default.extern.RequestContext;
export type SchemePlugin = module.default.extern.SchemePlugin;
export type RequestFilter = module.default.extern.RequestFilter;

/** The DASH build: 173 kB over the wire. It is a CommonJS bundle, so where its exports lie is the bundler's choice. */
export async function loadShaka(): Promise<Shaka> {
  const loaded: unknown = await import("shaka-player/dist/shaka-player.dash-es2021.js");
  for (const candidate of [loaded, defaultOf(loaded), defaultOf(defaultOf(loaded))]) {
    if (isShaka(candidate)) return candidate;
  }
  throw new Error("the bundle of Shaka Player has no Player in it");
}

function isShaka(value: unknown): value is Shaka {
  return typeof value === "object" && value !== null && "Player" in value && "net" in value;
}

function defaultOf(value: unknown): unknown {
  return typeof value === "object" && value !== null && "default" in value ? value.default : undefined;
}

/** The fields that Shaka puts on its event; one without them concerns no segment. */
export function appended(event: Event): { readonly contentType: string; readonly middleMs: number } {
  const contentType = "contentType" in event ? String(event.contentType) : "";
  const start = "start" in event ? Number(event.start) : 0;
  const end = "end" in event ? Number(event.end) : 0;
  return { contentType, middleMs: ((start + end) / 2) * 1000 };
}

// Keeps what plays saw of the network in the browser's storage (play/prior.ts says what it is worth). A browser that stores nothing,
// or holds nonsense, only starts as if it were the first play.
import { playsIn, priorKbps, textOfPlays, withPlay } from "#play/prior.ts";

export interface EarlierPorts {
  /** Asking for it may throw already: browsers refuse it where cookies are blocked. */
  readonly storage: () => Pick<Storage, "getItem" | "setItem">;
  readonly network: () => string;
  readonly nowMs: () => number;
  /** Of this play. */
  readonly id: string;
}

const key = "millrace.earlier-plays";

export class EarlierPlays {
  readonly #ports: EarlierPorts;

  constructor(ports: EarlierPorts) {
    this.#ports = ports;
  }

  kbps(): number | undefined {
    const { network, nowMs } = this.#ports;
    return priorKbps(playsIn(this.#stored()), network(), nowMs());
  }

  /** The rate that is estimated now. Call it as often as it changes. */
  remember(kbps: number | undefined): void {
    if (kbps === undefined) return;
    const { storage, network, nowMs, id } = this.#ports;
    const play = { id, network: network(), kbps: Math.round(kbps), atMs: nowMs() };
    const text = textOfPlays(withPlay(playsIn(this.#stored()), play));
    try {
      storage().setItem(key, text);
    } catch {
      // A full or forbidden storage costs the next play its prior, nothing else.
    }
  }

  #stored(): string | null {
    try {
      return this.#ports.storage().getItem(key);
    } catch {
      return null;
    }
  }
}

export function localPorts(): EarlierPorts {
  return {
    storage: () => localStorage,
    network: () => networkOf(navigator),
    nowMs: () => Date.now(),
    // Not `crypto.randomUUID`, which a page without a secure origin has not.
    id: String(performance.timeOrigin + performance.now()),
  };
}

/** Chromium alone says; a desktop's says only how fast the network seemed ("4g"). */
export function networkOf(browser: object): string {
  const connection: unknown = "connection" in browser ? browser.connection : undefined;
  if (typeof connection !== "object" || connection === null) return "unknown";
  const type = "type" in connection ? connection.type : undefined;
  const speed = "effectiveType" in connection ? connection.effectiveType : undefined;
  return (
    [type, speed].find((name) => typeof name === "string" && name !== "unknown")?.toString() ?? "unknown"
  );
}

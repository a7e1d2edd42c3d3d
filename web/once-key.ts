// The key of a request about money, kept by its form: pressed again after no answer came, it is the same request.
import { useState } from "react";

export interface OnceKey {
  /** Of what is about to be sent: the same while the same is sent again, another for anything else. */
  readonly keyFor: (request: unknown) => string;
  /** It was carried out: the next one is meant anew, even if it says the same. */
  readonly renew: () => void;
}

export function useOnceKey(): OnceKey {
  const [once] = useState(onceKey);
  return once;
}

export function onceKey(): OnceKey {
  let held: { readonly text: string; readonly key: string } | undefined;
  return {
    keyFor: (request) => {
      const text = JSON.stringify(request);
      if (held?.text !== text) held = { text, key: freshKey() };
      return held.key;
    },
    renew: () => {
      held = undefined;
    },
  };
}

/** Not randomUUID: a page over plain http in a house has none. */
function freshKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

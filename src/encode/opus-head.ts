// The pre-skip in the head of an Opus track. Players disagree on it: some move the sound by it, some only cut it off, so
// that sound would come 6.5 ms early or late. Ours leads with as many samples of the film instead, and says 0 here.
// Source: Encapsulation of Opus in ISO Base Media File Format §4.3.2 (dOps): version, channels, then pre-skip in 16 bits.

/** Where the two bytes of the pre-skip lie in the head of a file, and what they say; undefined without an Opus track. */
export function preSkipIn(
  head: Uint8Array,
): { readonly offset: number; readonly samples: number } | undefined {
  const type = [...new TextEncoder().encode("dOps")];
  for (let at = 4; at + 8 <= head.length; at++) {
    if (!type.every((letter, index) => head[at + index] === letter)) continue;
    const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
    const size = view.getUint32(at - 4);
    const isBox = size >= 19 && at - 4 + size <= head.length && head[at + 4] === 0;
    if (isBox) return { offset: at + 6, samples: view.getUint16(at + 6) };
  }
  return undefined;
}

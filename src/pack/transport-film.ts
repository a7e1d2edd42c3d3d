// Whether a film can have MPEG-TS chunks, found out before the first byte is read.
import type { AudioCodec, Codec } from "#model/encoded.ts";

/** What of an encoded film matters here. */
export interface CodedFilm {
  readonly rungs: readonly { readonly rung: { readonly codec: Codec } }[];
  readonly audio: readonly { readonly codec: AudioCodec }[];
}

/** The first thing that stands in the way; undefined when nothing does. */
export function unfitTransport(
  { rungs, audio }: CodedFilm,
  protection: "clear" | "encrypted",
): string | undefined {
  if (protection === "encrypted")
    return "its chunks would be a clear copy beside the encrypted one. Leave --ts or --encrypt out.";
  if (!rungs.some(({ rung }) => rung.codec === "h264"))
    return "none of its rungs is H.264, the one codec that every old device plays. Encode one, or leave --ts out.";
  if (audio.length > 0 && !audio.some(({ codec }) => codec === "aac"))
    return "none of its sounds is AAC. Encode one, or leave --ts out.";
  return undefined;
}

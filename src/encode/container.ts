// What a file is, told from its first bytes and never from its name: a playlist renamed .mp4 must not reach a demuxer.

/** ffmpeg's name of the one demuxer that may open the file. */
export type Container = "mov" | "matroska" | "mpegts";

export type Recognised =
  | { readonly kind: "film"; readonly container: Container }
  | { readonly kind: "other"; readonly found: string };

/** Bytes of the file's head that `recognise` wants to see. */
export const headBytes = 1024;

/** Every demuxer name that may appear, for ffmpeg's own second check. */
export const formatWhitelist = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts";

// First boxes seen at the head of ISO and QuickTime files. Source: ISO/IEC 14496-12 §4.3, QuickTime File Format.
const firstBoxes = new Set(["ftyp", "moov", "mdat", "wide", "free", "skip", "pnot", "styp"]);
const transportPacket = 188;

export function recognise(head: Uint8Array): Recognised {
  if (head.length === 0) return { kind: "other", found: "an empty file" };
  if (firstBoxes.has(text(head.subarray(4, 8)))) return { kind: "film", container: "mov" };
  if (head[0] === 0x1a && head[1] === 0x45 && head[2] === 0xdf && head[3] === 0xa3) {
    return { kind: "film", container: "matroska" };
  }
  if (isTransportStream(head)) return { kind: "film", container: "mpegts" };
  return { kind: "other", found: describe(head) };
}

/** MPEG-TS has its sync byte every 188 bytes. Source: ISO/IEC 13818-1 §2.4.3.2. */
function isTransportStream(head: Uint8Array): boolean {
  if (head.length < 3 * transportPacket) return false;
  return [0, 1, 2].every((packet) => head[packet * transportPacket] === 0x47);
}

function describe(head: Uint8Array): string {
  const start = text(head).trimStart();
  if (start.startsWith("#EXTM3U")) return "an HLS playlist";
  if (/^<\?xml|^<MPD|^<!doctype|^<html/i.test(start)) return "an XML or HTML page";
  if (start.startsWith("RIFF")) return "a RIFF file (AVI, WAV)";
  if (/^(ID3|fLaC|OggS)/.test(start)) return "a sound file";
  if (head[0] === 0xff && head[1] === 0xd8) return "a JPEG picture";
  if (start.startsWith("\u0089PNG")) return "a PNG picture";
  const printable = head.every((byte) => byte >= 0x20 || byte === 9 || byte === 10 || byte === 13);
  return printable ? "text" : "unknown bytes";
}

function text(part: Uint8Array): string {
  return Array.from(part, (byte) => String.fromCharCode(byte)).join("");
}

// NOTIFICATION: the last word before a session ends. Source: RFC 4271 §4.5; RFC 4486 (Cease); RFC 6608 (state machine
// errors); RFC 7313 (ROUTE-REFRESH error); RFC 9003 (a sentence for the other operator).
import { joined, messageOf, notificationType, type ProtocolError } from "./message.ts";

export const ceaseCode = 6;
export const ceaseMaxPrefixes = 1;
export const ceaseShutdown = 2;
export const ceaseReset = 4;
export const ceaseRejected = 5;
export const ceaseCollision = 7;
export const ceaseResources = 8;

const dataAt = 21;
const longestSentence = 128;

const codeNames: Readonly<Record<number, string>> = {
  1: "message header error",
  2: "OPEN error",
  3: "UPDATE error",
  4: "hold timer expired",
  5: "state machine error",
  6: "cease",
  7: "ROUTE-REFRESH error",
};

const ceaseNames: Readonly<Record<number, string>> = {
  1: "too many prefixes",
  2: "administrative shutdown",
  3: "peer de-configured",
  4: "administrative reset",
  5: "connection rejected",
  6: "other configuration change",
  7: "connection collision",
  8: "out of resources",
  9: "hard reset",
};

export interface Notification {
  readonly code: number;
  readonly subcode: number;
  readonly data: Uint8Array;
  /** What the other operator had to say (RFC 9003); empty when nothing, or nothing readable. */
  readonly sentence: string;
}

/** Reads the message at [start, end). There is no such thing as a bad one: nothing may be answered to it. */
export function readNotification(bytes: Uint8Array, start: number, end: number): Notification {
  const code = bytes[start + 19] ?? 0;
  const subcode = bytes[start + 20] ?? 0;
  const data = bytes.slice(start + dataAt, end);
  return { code, subcode, data, sentence: sentenceIn(code, subcode, data) };
}

/** "cease, administrative shutdown (6/2)". */
export function nameOf(code: number, subcode: number): string {
  const name = codeNames[code] ?? "unknown error";
  const detail = code === ceaseCode ? ceaseNames[subcode] : undefined;
  return `${name}${detail === undefined ? "" : `, ${detail}`} (${code}/${subcode})`;
}

export function writeNotification(error: ProtocolError): Uint8Array {
  // RFC 4271 §4.5 leaves data open; an UPDATE of 64 KiB need not be sent back whole.
  const data = error.data.subarray(0, 4096 - dataAt);
  return messageOf(notificationType, Uint8Array.of(error.code, error.subcode), data);
}

/** Data of a shutdown or reset: one octet of length, then UTF-8, cut at a whole character. */
export function sentenceData(sentence: string): Uint8Array {
  let octets: Uint8Array = new Uint8Array(0);
  for (const character of sentence) {
    const longer = joined([octets, utf8(character)]);
    if (longer.length > longestSentence) break;
    octets = longer;
  }
  return joined([Uint8Array.of(octets.length), octets]);
}

function sentenceIn(code: number, subcode: number, data: Uint8Array): string {
  const mayHold = code === ceaseCode && (subcode === ceaseShutdown || subcode === ceaseReset);
  const length = data[0] ?? 0;
  if (!mayHold || length === 0 || length > data.length - 1) return "";
  // Controls are cut, so that a peer cannot write lines of its own into a terminal or a log.
  return new TextDecoder().decode(data.subarray(1, 1 + length)).replaceAll(/\p{Cc}/gu, " ");
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

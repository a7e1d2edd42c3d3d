// A dead letter as it is written: JSON, so that it can be read wherever it lies.
import type { DeadLetter } from "./ports-events.ts";

/** As base64 it still fits into a topic that takes a megabyte, as Kafka's do by default. */
const mostValueBytes = 512 << 10;

export function encodeLetter({ value, ...letter }: DeadLetter): Uint8Array {
  const kept = Buffer.from(value.subarray(0, mostValueBytes)).toString("base64");
  return new TextEncoder().encode(JSON.stringify({ v: 1, ...letter, value: kept }));
}

/** Undefined: it is none of ours. */
export function decodeLetter(bytes: Uint8Array): DeadLetter | undefined {
  const found = jsonOf(bytes);
  if (typeof found !== "object" || found === null) return undefined;
  if (!("v" in found && "consumer" in found && "because" in found && "value" in found)) return undefined;
  if (!("atMs" in found && "partition" in found && "offset" in found && "bytes" in found)) return undefined;
  const { v, atMs, consumer, partition, offset, because, value, bytes: size } = found;
  if (v !== 1 || typeof consumer !== "string" || typeof because !== "string" || typeof value !== "string")
    return undefined;
  if (typeof atMs !== "number" || typeof partition !== "number" || typeof offset !== "number")
    return undefined;
  if (typeof size !== "number") return undefined;
  return {
    atMs,
    consumer,
    partition,
    offset,
    because,
    value: new Uint8Array(Buffer.from(value, "base64")),
    bytes: size,
  };
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return undefined;
  }
}

// Where a shipper stopped, and in which topic.

export interface ShipState {
  /** The id of the topic; empty before the first. */
  readonly topic: string;
  /** Everything below in the event log was acknowledged by Kafka. */
  readonly offset: number;
  /** How often Kafka was found without what it had acknowledged. */
  readonly losses: number;
  /** By partition: Kafka's offset after the last record that it acknowledged. May be old, never ahead. */
  readonly ends: Readonly<Record<number, number>>;
}

const nowhere: ShipState = { topic: "", offset: 0, losses: 0, ends: {} };

/** What cannot be read is as if it were not there: then everything in the log is sent once more, which harms nobody. */
export function readShipState(text: string | undefined): ShipState {
  const found = jsonOf(text);
  if (typeof found !== "object" || found === null) return nowhere;
  if (!("topic" in found && "offset" in found && "losses" in found && "ends" in found)) return nowhere;
  const { topic, offset, losses, ends } = found;
  if (typeof topic !== "string" || !isCount(offset) || !isCount(losses)) return nowhere;
  if (typeof ends !== "object" || ends === null) return nowhere;
  const rows = Object.entries(ends).filter(([partition, end]) => isCount(Number(partition)) && isCount(end));
  return { topic, offset, losses, ends: Object.fromEntries(rows) };
}

export function writeShipState(state: ShipState): string {
  return `${JSON.stringify(state)}\n`;
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function jsonOf(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "");
  } catch {
    return undefined;
  }
}

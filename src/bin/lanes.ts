// One lane per stage of an encode. On a terminal the lane that works is redrawn in place and stays, with its time, when
// it is done; elsewhere (a log, a pipe) a lane says that it begins, each step that is done, and where it is now and then.
import type { EncodeEvent } from "#encode/io/encode-order.ts";
import { wordsFor } from "./encode-words.ts";
import { bar, countdown } from "./terminal.ts";

export interface Screen {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly write: (text: string) => void;
}

export interface Lanes {
  readonly show: (event: EncodeEvent) => void;
  /** A free line. */
  readonly say: (text: string) => void;
  /** Ends the lane that works. */
  readonly end: () => void;
}

interface Lane {
  readonly name: string;
  readonly share: number | undefined;
  /** "3 of 9"; empty where nothing is counted. */
  readonly count: string;
  readonly etaSeconds: number | undefined;
  /** What plain lines are written anew for. */
  readonly step: number;
}

const plainEveryMs = 10_000;
const nameWidth = 12;
const clearLine = "\r\x1b[2K";

/** What of an event moves a lane; undefined when it is a line of its own. */
export function laneOf(event: EncodeEvent): Lane | undefined {
  switch (event.kind) {
    case "working":
      return { name: event.stage, share: event.share, count: "", etaSeconds: event.etaSeconds, step: 0 };
    case "trials":
    case "encoding":
    case "scoring":
    case "baselines": {
      const { done, total, reused, share, etaSeconds } = event;
      const name = "codec" in event ? `${event.codec} ${event.kind}` : event.kind;
      const count = `${done} of ${total}${reused === 0 ? "" : ` (${reused} from an earlier run)`}`;
      const steps = event.kind === "encoding" ? Math.max(1, Math.floor(total / 10)) : 1;
      const step = done === total ? Number.POSITIVE_INFINITY : Math.floor(done / steps);
      return { name, share, count, etaSeconds, step };
    }
    default:
      return undefined;
  }
}

export function openLanes(screen: Screen, now: () => number = () => performance.now()): Lanes {
  const isLive = screen.isTTY === true;
  let current: { readonly lane: Lane; readonly begun: number; readonly told: number } | undefined;
  const end = (): void => {
    if (current === undefined) return;
    const { lane, begun } = current;
    const took = `${((now() - begun) / 1000).toFixed(1)} s`;
    const words = [lane.count, took].filter((part) => part !== "").join(", ");
    if (isLive) screen.write(`${clearLine}${lane.name.padEnd(nameWidth)} ${words}\n`);
    current = undefined;
  };
  const move = (lane: Lane): void => {
    const before = current?.lane.name === lane.name ? current : undefined;
    if (before === undefined) end();
    const begun = before?.begun ?? now();
    const isTold =
      before !== undefined && lane.step === before.lane.step && now() - before.told < plainEveryMs;
    current = { lane, begun, told: isTold ? before.told : now() };
    if (isLive) screen.write(`${clearLine}${laneWords(lane, "drawn").slice(0, widthOf(screen) - 1)}`);
    else if (!isTold) screen.write(`${laneWords(lane, "plain")}\n`);
  };
  const say = (text: string): void => {
    end();
    screen.write(`${text}\n`);
  };
  const show = (event: EncodeEvent): void => {
    const lane = laneOf(event);
    const words = wordsFor(event);
    if (lane !== undefined) move(lane);
    else if (words !== undefined) say(words);
  };
  return { show, say, end };
}

/** A terminal that does not know its width says 0. */
function widthOf({ columns = 0 }: Screen): number {
  return columns > 0 ? columns : 100;
}

function laneWords({ name, share, count, etaSeconds }: Lane, how: "drawn" | "plain"): string {
  const known = share === undefined || (share === 0 && count === "") ? undefined : share;
  const percent = known === undefined || count !== "" ? "" : `${Math.floor(known * 100)} %`;
  const drawn = how === "drawn" && known !== undefined ? bar(known) : "";
  const left = etaSeconds === undefined || share === 1 ? "" : countdown(etaSeconds);
  const parts = [drawn, percent, count, left].filter((part) => part !== "");
  return `${name.padEnd(nameWidth)} ${parts.length === 0 ? "…" : parts.join("  ")}`;
}

// The appliance's end of the feed: what of its routes control does not know yet.
//
// Kept are the keys of prefixes that changed, not what they changed to: that is read from the source when a group is made,
// so that a flapping prefix costs one row. A group is made at one moment and sent in parts; control takes it over whole
// with the last part, so what control holds is always what the source held at some moment.
//
// A snapshot is too large to be made at one moment. It is read bit by bit while routes go on changing, and the keys that
// changed meanwhile follow as its last rows, made at one moment like any group. Only then does control take it over.
// What grows without bound is given up: past a number of waiting keys, all are forgotten and a snapshot is due.
import type { RouteAnswer, RouteHello, RouteMessage, RoutePart } from "#model/route-feed.ts";
import type { PrefixKey } from "./prefix-key.ts";
import { RowPacker } from "./route-rows.ts";
import type { RouteListener, RouteSource, SourceRow } from "./route-source.ts";

export interface RouteLogOrder {
  /** New at each start. */
  readonly stream: string;
  readonly source: RouteSource;
  /** Octets of rows in one part, about. */
  readonly partOctets: number;
  /** Changed prefixes that may wait. */
  readonly mostWaiting: number;
}

/** `unsure`: control has not what is here, and nothing is kept for it. */
type Phase = "unsure" | "snapshot" | "live";

type Content = Pick<RoutePart, "sessions" | "attributes" | "rows">;

interface Waiting {
  /** The session was gone in between. */
  isAnew: boolean;
  isWorded: boolean;
  readonly keys: Set<PrefixKey>;
}

export class RouteLog implements RouteListener {
  private readonly order: RouteLogOrder;
  private phase: Phase = "unsure";
  private token: string | undefined;
  private seq = 0;
  private answeredSeq = 0;
  private waiting = new Map<string, Waiting>();
  private waitingKeys = 0;
  private scan: Iterator<SourceRow> | undefined;
  /** Of the group under way, not numbered yet. */
  private contents: Content[] = [];
  private isFirst = true;
  private inFlight: RoutePart | undefined;
  private givenUp = 0;

  constructor(order: RouteLogOrder) {
    this.order = order;
    order.source.listen(this);
  }

  /** Keys and words that wait for the next group. */
  get pending(): number {
    return this.waitingKeys + this.waiting.size;
  }

  /** False while whatever changes need not be told: a snapshot is due. */
  get isSure(): boolean {
    return this.phase !== "unsure";
  }

  /** How often more changed than may wait since a snapshot last came through. */
  get overflows(): number {
    return this.givenUp;
  }

  changed(session: string, key: PrefixKey): void {
    const waiting = this.waitingFor(session);
    if (waiting === undefined || waiting.keys.has(key)) return;
    waiting.keys.add(key);
    this.waitingKeys += 1;
    if (this.waitingKeys <= this.order.mostWaiting) return;
    this.givenUp += 1;
    this.doubt();
  }

  worded(session: string): void {
    const waiting = this.waitingFor(session);
    if (waiting !== undefined) waiting.isWorded = true;
  }

  cleared(session: string): void {
    const waiting = this.waitingFor(session);
    if (waiting === undefined) return;
    this.waitingKeys -= waiting.keys.size;
    waiting.keys.clear();
    waiting.isAnew = true;
  }

  settled(): void {
    // Asked of the source when it matters.
  }

  /** What is to be sent now, the same until it is answered; undefined when there is nothing but a hello. */
  next(): RoutePart | undefined {
    this.inFlight ??= this.cut();
    return this.inFlight;
  }

  hello(): RouteHello {
    const { stream, source } = this.order;
    return { kind: "hello", stream, seq: this.answeredSeq, isSure: this.isSure, isWhole: source.isWhole() };
  }

  /** Control's answer to a message of this log. One to a part that was given up meanwhile is of no interest. */
  answered(message: RouteMessage, answer: RouteAnswer): void {
    if (message.kind === "part" && message !== this.inFlight) return;
    if (answer.kind === "resync") {
      this.doubt();
      this.token = answer.token;
      return;
    }
    if (message.kind === "hello") return;
    if (answer.seq < message.seq) {
      this.doubt();
      return;
    }
    this.inFlight = undefined;
    this.answeredSeq = message.seq;
    if (!message.isLast || this.phase !== "snapshot") return;
    this.phase = "live";
    this.givenUp = 0;
  }

  /** Whether control has what is here is not known any more: a snapshot is due, once control asks for it. */
  doubt(): void {
    this.phase = "unsure";
    this.token = undefined;
    this.forget();
  }

  private forget(): void {
    this.waiting = new Map();
    this.waitingKeys = 0;
    this.scan = undefined;
    this.contents = [];
    this.isFirst = true;
    this.inFlight = undefined;
  }

  private waitingFor(session: string): Waiting | undefined {
    if (this.phase === "unsure") return undefined;
    const known = this.waiting.get(session);
    if (known !== undefined) return known;
    const fresh = { isAnew: false, isWorded: false, keys: new Set<PrefixKey>() };
    this.waiting.set(session, fresh);
    return fresh;
  }

  private cut(): RoutePart | undefined {
    if (this.phase === "unsure") {
      if (this.token === undefined || !this.order.source.isWhole()) return undefined;
      this.begin();
    }
    const scanned = this.scanned();
    if (scanned !== undefined) return this.numbered(scanned, false);
    if (this.contents.length === 0) {
      const isOpen = this.phase === "snapshot";
      if (this.waiting.size === 0 && !isOpen) return undefined;
      this.contents = this.frozen();
    }
    const [content, ...rest] = this.contents;
    this.contents = rest;
    return content && this.numbered(content, rest.length === 0);
  }

  private begin(): void {
    this.forget();
    this.phase = "snapshot";
    this.scan = this.order.source.rows()[Symbol.iterator]();
  }

  /** The next rows of a snapshot under way; undefined at its end. */
  private scanned(): Content | undefined {
    if (this.scan === undefined) return undefined;
    const packer = new RowPacker();
    while (packer.size < this.order.partOctets) {
      const { done, value } = this.scan.next();
      if (done === true) {
        this.scan = undefined;
        break;
      }
      packer.add(value);
    }
    if (this.isFirst) return { sessions: this.allSessions(), ...packer.finish() };
    return packer.size === 0 ? undefined : { sessions: [], ...packer.finish() };
  }

  private allSessions(): Content["sessions"] {
    return [...this.order.source.sessions()].map(({ id, state }) => ({ id, state, isAnew: false }));
  }

  /** What waits, as it is at this moment. At least one content, and nothing waits any more. */
  private frozen(): Content[] {
    const { source, partOctets } = this.order;
    const states = new Map([...source.sessions()].map(({ id, state }) => [id, state]));
    const sessions = [...this.waiting]
      .filter(([id, { isAnew, isWorded }]) => isAnew || isWorded || !states.has(id))
      .map(([id, { isAnew }]) => ({ id, state: states.get(id) ?? ("gone" as const), isAnew }));
    const contents: Content[] = [];
    let packer = new RowPacker();
    for (const [session, { keys }] of this.waiting) {
      if (!states.has(session)) continue;
      for (const key of keys) {
        packer.add({ session, key, route: source.route(session, key) });
        if (packer.size < partOctets) continue;
        contents.push({ sessions: contents.length === 0 ? sessions : [], ...packer.finish() });
        packer = new RowPacker();
      }
    }
    this.waiting = new Map();
    this.waitingKeys = 0;
    if (packer.size > 0 || contents.length === 0)
      contents.push({ sessions: contents.length === 0 ? sessions : [], ...packer.finish() });
    return contents;
  }

  private numbered(content: Content, isLast: boolean): RoutePart {
    const { stream } = this.order;
    const isSnapshot = this.phase === "snapshot";
    const { isFirst } = this;
    this.isFirst = isLast;
    this.seq += 1;
    return {
      ...{ kind: "part", stream, seq: this.seq, isFirst, isLast },
      base: isSnapshot ? "nothing" : "before",
      token: isSnapshot && isFirst ? (this.token ?? "") : "",
      ...content,
    };
  }
}

// What is said to memcached and what it answers. Meta commands alone: each carries a number that its answer repeats.
// Source: memcached 1.6, doc/protocol.txt, "Meta Commands".

export interface MetaReply {
  /** MN: a no-op's. ERROR: the command was not understood, or could not be carried out; `text` says why. */
  readonly kind: "HD" | "VA" | "EN" | "NF" | "NS" | "EX" | "MN" | "ERROR";
  readonly opaque: string;
  readonly cas: string;
  readonly value: Uint8Array | undefined;
  readonly text: string;
}

const kinds = ["HD", "VA", "EN", "NF", "NS", "EX", "MN"] as const;
const ascii = new TextDecoder("latin1");
const none = new Uint8Array();
const [lineFeed, carriageReturn] = [10, 13];
/** A key is at most 250 bytes, and flags are few. */
const longestLine = 2048;
/** memcached's items are at most 1 GiB; ours are far below. */
const longestValue = 64 << 20;

export const noopCommand = "mn\r\n";

export function getCommand(name: string, opaque: number): string {
  return `mg ${name} v c O${opaque}\r\n`;
}

/** `cas`: only over what had this mark; "": only where there is nothing. */
export function setHead(
  order: {
    readonly name: string;
    readonly bytes: number;
    readonly ttlSeconds: number;
    readonly cas: string;
  },
  opaque: number,
): string {
  const condition = order.cas === "" ? "ME" : `C${order.cas}`;
  return `ms ${order.name} ${order.bytes} T${order.ttlSeconds} ${condition} O${opaque}\r\n`;
}

export type RepliesRead =
  | { readonly kind: "read"; readonly replies: readonly MetaReply[] }
  /** This is no memcached, or we lost count: nothing that follows can be trusted. */
  | { readonly kind: "broken"; readonly because: string };

/** Cuts a stream into answers, however its pieces fall. */
export class ReplyReader {
  #line: Uint8Array = none;
  #head: MetaReply | undefined;
  #body: Uint8Array = none;
  #filled = 0;

  push(chunk: Uint8Array): RepliesRead {
    const replies: MetaReply[] = [];
    for (let at = 0; at < chunk.length; ) {
      if (this.#head !== undefined) {
        at += this.#fill(chunk, at);
        const { done, broken } = this.#finished();
        if (broken) return { kind: "broken", because: "a value does not end where it should" };
        if (done !== undefined) replies.push(done);
        continue;
      }
      const end = chunk.indexOf(lineFeed, at);
      const piece = chunk.subarray(at, end < 0 ? chunk.length : end);
      if (this.#line.length + piece.length > longestLine) {
        return { kind: "broken", because: "a line is too long" };
      }
      if (end < 0) {
        this.#line = joined(this.#line, piece);
        break;
      }
      const line = ascii.decode(this.#line.length === 0 ? piece : joined(this.#line, piece)).trimEnd();
      this.#line = none;
      at = end + 1;
      const { reply, size } = parseLine(line);
      if (size > longestValue || Number.isNaN(size))
        return { kind: "broken", because: `it says "${line.slice(0, 80)}"` };
      if (reply.kind !== "VA") replies.push(reply);
      else if (chunk.length - at < size + 2) {
        [this.#head, this.#body, this.#filled] = [reply, new Uint8Array(size + 2), 0];
      } else {
        // All of it is here: looked at where it lies, and not copied.
        [this.#head, this.#body, this.#filled] = [reply, chunk.subarray(at, at + size + 2), size + 2];
        at += size + 2;
        const { done } = this.#finished();
        if (done === undefined) return { kind: "broken", because: "a value does not end where it should" };
        replies.push(done);
      }
    }
    return { kind: "read", replies };
  }

  #fill(chunk: Uint8Array, at: number): number {
    const piece = chunk.subarray(at, at + this.#body.length - this.#filled);
    this.#body.set(piece, this.#filled);
    this.#filled += piece.length;
    return piece.length;
  }

  #finished(): { readonly done?: MetaReply; readonly broken?: boolean } {
    const [head, body, size] = [this.#head, this.#body, this.#body.length - 2];
    if (head === undefined || this.#filled < body.length) return {};
    this.#head = undefined;
    if (body[size] !== carriageReturn || body[size + 1] !== lineFeed) return { broken: true };
    return { done: { ...head, value: body.subarray(0, size) } };
  }
}

function parseLine(line: string): { readonly reply: MetaReply; readonly size: number } {
  const kind = kinds.find((known) => line.startsWith(known)) ?? "ERROR";
  if (kind === "ERROR")
    return { reply: { kind, opaque: "", cas: "", value: undefined, text: line }, size: 0 };
  const size = kind === "VA" ? Number(wordFrom(line, 3)) : 0;
  return {
    reply: { kind, opaque: flagIn(line, " O"), cas: flagIn(line, " c"), value: undefined, text: "" },
    size,
  };
}

function flagIn(line: string, mark: string): string {
  const at = line.indexOf(mark, 2);
  return at < 0 ? "" : wordFrom(line, at + mark.length);
}

function wordFrom(line: string, from: number): string {
  const end = line.indexOf(" ", from);
  return end < 0 ? line.slice(from) : line.slice(from, end);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

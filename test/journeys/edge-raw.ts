// Bytes on a socket, exactly as written, and what comes back: how many answers, with what in them.
import { connect } from "node:net";

export interface RawAnswer {
  readonly status: number;
  /** As sent, without the empty line. */
  readonly head: string;
  readonly body: Buffer;
  /** Bytes of "100 Continue" before it. */
  readonly before: number;
}

export interface Conversation {
  readonly answers: readonly RawAnswer[];
  /** What came behind the last whole answer. */
  readonly rest: Buffer;
  /** Whether the server closed; false when it was waited for in vain. */
  readonly closed: boolean;
}

const patienceMs = 15_000;

/**
 * Says all of it at once. The client ends its side when as many answers came as it waits for ("any": a first byte); what the server still
 * says until it closes is part of the conversation.
 */
export function converse(
  listen: string,
  bytes: string,
  how: { readonly from?: string; readonly answers: number | "any" },
): Promise<Conversation> {
  const [host = "", port = ""] = listen.split(":");
  return new Promise((resolve, reject) => {
    const socket = connect({
      host,
      port: Number(port),
      ...(how.from === undefined ? {} : { localAddress: how.from }),
    });
    let come = Buffer.alloc(0);
    let closed = true;
    const late = setTimeout(() => {
      closed = false;
      socket.destroy();
    }, patienceMs);
    let failed: Error | undefined;
    socket.on("connect", () => {
      socket.write(Buffer.from(bytes, "latin1"));
    });
    socket.on("data", (chunk: Buffer) => {
      come = Buffer.concat([come, chunk]);
      if (how.answers === "any" || read(come).answers.length >= how.answers) socket.end();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ECONNRESET" && error.code !== "EPIPE") failed = error;
    });
    socket.on("close", () => {
      clearTimeout(late);
      if (failed === undefined) resolve({ ...read(come), closed });
      else reject(failed);
    });
  });
}

function read(come: Buffer): Omit<Conversation, "closed"> {
  const answers: RawAnswer[] = [];
  let [at, before] = [0, 0];
  for (;;) {
    const end = come.indexOf("\r\n\r\n", at);
    const head = end < 0 ? "" : come.toString("latin1", at, end);
    const status = Number(/^HTTP\/1\.[01] ([0-9]{3}) /.exec(head)?.[1] ?? 0);
    if (status === 0) break;
    if (status < 200) {
      // "Go on": no answer, and nothing in it.
      before += end + 4 - at;
      at = end + 4;
      continue;
    }
    const length = status === 204 || status === 304 ? 0 : Number(/^content-length: (\d+)/im.exec(head)?.[1]);
    if (!(end + 4 + length <= come.length)) break;
    answers.push({ status, head, body: come.subarray(end + 4, end + 4 + length), before });
    before = 0;
    at = end + 4 + length;
  }
  return { answers, rest: come.subarray(at) };
}

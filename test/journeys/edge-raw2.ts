// HTTP/2 as no client library would say it: one stream with any fields, and what became of it.
import { connect } from "node:tls";

export type Field = readonly [name: string, value: string];

/** A status, a stream or a connection that was ended, or a connection that was closed without a word. */
export type Outcome = number | "stream reset" | "connection ended" | "closed" | "nothing";

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const type = { data: 0, headers: 1, reset: 3, settings: 4, goAway: 7 } as const;
const endStream = 1;
const endHeaders = 4;
const patienceMs = 15_000;

/** Opens one stream with these fields, each as it is. `data`: a body behind them. */
export function stream(listen: string, fields: readonly Field[], data?: string): Promise<Outcome> {
  const [host = "", port = ""] = listen.split(":");
  const last = data === undefined ? endStream : 0;
  const said = [
    Buffer.from(preface),
    frame(type.settings, 0, 0, Buffer.alloc(0)),
    frame(type.headers, endHeaders | last, 1, Buffer.concat(fields.map(literal))),
    ...(data === undefined ? [] : [frame(type.data, endStream, 1, Buffer.from(data, "latin1"))]),
  ];
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port), rejectUnauthorized: false, ALPNProtocols: ["h2"] });
    let come = Buffer.alloc(0);
    const finish = (outcome: Outcome): void => {
      clearTimeout(late);
      socket.destroy();
      resolve(outcome);
    };
    const late = setTimeout(() => finish("nothing"), patienceMs);
    socket.on("secureConnect", () => socket.write(Buffer.concat(said)));
    socket.on("data", (chunk: Buffer) => {
      come = Buffer.concat([come, chunk]);
      const outcome = read(come);
      if (outcome !== undefined) finish(outcome);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "ECONNRESET") reject(error);
    });
    socket.on("close", () => finish("closed"));
  });
}

/** Source: RFC 9113 §4.1. */
function frame(kind: number, flags: number, id: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(kind, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(id, 5);
  return Buffer.concat([head, payload]);
}

/** Never indexed, no Huffman. Source: RFC 7541 §6.2.2. */
function literal([name, value]: Field): Buffer {
  return Buffer.concat([Buffer.from([0]), text(name), text(value)]);
}

/** Source: RFC 7541 §5.1, §5.2. */
function text(words: string): Buffer {
  const bytes = Buffer.from(words, "latin1");
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const length = [127];
  let left = bytes.length - 127;
  for (; left >= 128; left = Math.floor(left / 128)) length.push(128 + (left % 128));
  return Buffer.concat([Buffer.from([...length, left]), bytes]);
}

function read(come: Buffer): Outcome | undefined {
  for (let at = 0; at + 9 <= come.length; ) {
    const length = come.readUIntBE(at, 3);
    const payload = come.subarray(at + 9, at + 9 + length);
    if (payload.length < length) return undefined;
    const kind = come[at + 3];
    if (kind === type.headers) return statusOf(payload);
    if (kind === type.reset) return "stream reset";
    if (kind === type.goAway) return "connection ended";
    at += 9 + length;
  }
  return undefined;
}

/** The first field of an answer: a row of HPACK's table, or a name of it with three digits. Source: RFC 7541 appendix A. */
function statusOf(block: Buffer): number {
  const row = [200, 204, 206, 304, 400, 404, 500][(block[0] ?? 0) - 0x88];
  return row ?? Number(block.toString("latin1", 2, 5));
}

// The TCP connections of one neighbour. What comes in is handed on at once, so that a reader that is busy slows the
// sender; what goes out is a few dozen octets now and then.
import { connect, type Socket } from "node:net";

export interface LinkWatch {
  connected(link: number, direction: "in" | "out"): void;
  connectFailed(because: string): void;
  heard(link: number, chunk: Uint8Array): void;
  closed(link: number, because: string): void;
}

export interface TcpLinks {
  accept(socket: Socket): void;
  connect(): void;
  abandon(): void;
  send(link: number, message: Uint8Array): void;
  close(link: number): void;
  /** No more is read until `resume`: TCP makes the neighbours wait. */
  pause(): void;
  resume(): void;
  /** Ends what is still open, without a word. */
  destroy(): void;
}

export interface Remote {
  readonly host: string;
  readonly port: number;
  readonly source: string | undefined;
}

/** A neighbour that does not read what it is sent is gone. */
const mostUnsent = 256 * 1024;
/** How long a closed connection may take to deliver its last word. */
const lingerMs = 2000;

export function tcpLinks(remote: Remote, watch: LinkWatch): TcpLinks {
  const sockets = new Map<number, Socket>();
  const leaving = new Set<Socket>();
  let last = 0;
  let isPaused = false;

  const adopt = (socket: Socket, direction: "in" | "out"): void => {
    const link = ++last;
    let because = "the neighbour closed the connection";
    sockets.set(link, socket);
    socket.setNoDelay(true).setKeepAlive(true, 30_000);
    socket.on("error", (error) => {
      because = error.message;
    });
    socket.on("close", () => {
      leaving.delete(socket);
      if (sockets.delete(link)) watch.closed(link, because);
    });
    watch.connected(link, direction);
    if (isPaused) socket.pause();
    socket.on("data", (chunk) => {
      if (sockets.has(link)) watch.heard(link, typeof chunk === "string" ? Buffer.from(chunk) : chunk);
    });
    if (isPaused) socket.pause();
  };

  const caller = callerTo(remote, watch, (socket) => adopt(socket, "out"));

  return {
    accept: (socket) => adopt(socket, "in"),
    ...caller,
    send: (link, message) => {
      const socket = sockets.get(link);
      if (socket === undefined || socket.destroyed) return;
      if (socket.writableLength > mostUnsent) socket.destroy(new Error("the neighbour does not read"));
      else socket.write(message);
    },
    close: (link) => {
      const socket = sockets.get(link);
      if (socket === undefined) return;
      sockets.delete(link);
      leaving.add(socket);
      // What is not read would make the kernel answer with a reset, and the last word would be lost.
      socket.resume();
      socket.end();
      setTimeout(() => socket.destroy(), lingerMs).unref();
    },
    pause: () => {
      isPaused = true;
      for (const socket of sockets.values()) socket.pause();
    },
    resume: () => {
      isPaused = false;
      for (const socket of sockets.values()) socket.resume();
    },
    destroy: () => {
      caller.abandon();
      for (const socket of [...sockets.values(), ...leaving]) socket.destroy();
      sockets.clear();
    },
  };
}

/** Connects to the neighbour; one attempt at a time. */
function callerTo(
  { host, port, source }: Remote,
  watch: LinkWatch,
  reached: (socket: Socket) => void,
): Pick<TcpLinks, "connect" | "abandon"> {
  let pending: Socket | undefined;
  return {
    connect: () => {
      const socket = connect({ host, port, ...(source === undefined ? {} : { localAddress: source }) });
      const failed = (error: Error): void => {
        pending = undefined;
        watch.connectFailed(error.message);
      };
      pending = socket;
      socket.once("error", failed);
      socket.once("connect", () => {
        socket.off("error", failed);
        pending = undefined;
        reached(socket);
      });
    },
    abandon: () => {
      pending?.removeAllListeners().on("error", () => undefined);
      pending?.destroy();
      pending = undefined;
    },
  };
}

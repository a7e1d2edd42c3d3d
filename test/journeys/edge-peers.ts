// Peers that a fill is better off without.
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { atEnd, freeListen, type Scope } from "./edge-rig.ts";

/** It accepts, and says nothing. */
export function silentPeer(t: Scope): Promise<string> {
  return lazyPeer(t, () => undefined);
}

const dripMs = 50;

/** It holds what the store holds, and sends one byte after the other. */
export function drippingPeer(t: Scope, store: string): Promise<string> {
  return lazyPeer(t, (answer, { url = "", headers }) => {
    const content = readFileSync(join(store, url.slice(url.indexOf("/v/"))));
    let at = Number(/^bytes=(\d+)-$/.exec(headers.range ?? "")?.[1] ?? 0);
    answer.writeHead(at > 0 ? 206 : 200);
    const drip = setInterval(() => answer.write(content.subarray(at, ++at)), dripMs);
    answer.once("close", () => clearInterval(drip));
  });
}

/** A peer that answers as it likes. */
export async function lazyPeer(
  t: Scope,
  answering: (answer: ServerResponse, asked: IncomingMessage) => void,
): Promise<string> {
  const server = createServer((asked, answer) => answering(answer, asked));
  const at = await freeListen();
  const [host = "", port = ""] = at.split(":");
  await new Promise<void>((resolve) => server.listen(Number(port), host, resolve));
  atEnd(t, () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://${at}`;
}

// A neighbour that says a few routes and stays: what a daemon needs in order to have routes from others.
import { once } from "node:events";
import { connect } from "node:net";
import type { TestContext } from "node:test";
import { readPrefix } from "#bgp/address.ts";
import { noCapabilities } from "#bgp/capability.ts";
import { feed, openFramer } from "#bgp/framing.ts";
import { keepaliveMessage, keepaliveType } from "#bgp/message.ts";
import { writeOpen } from "#bgp/open.ts";
import { attributesWith } from "#bgp/sample-route.ts";
import { announcement, endOfRib } from "#bgp/write-update.ts";
import type { Said } from "./bgp-daemon.ts";

export interface AnnouncerOrder {
  readonly address: string;
  readonly as: number;
  readonly to: { readonly host: string; readonly port: number };
  readonly said: readonly Said[];
}

export interface Announcer {
  /** Ends the connection without a word. */
  leave(): void;
}

/** 2001:db8::1: who is told of loopback as a next hop does not take it. */
const globalHop = Uint8Array.of(0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

/** Resolves when the session is established and all is said. */
export async function announce(t: TestContext, order: AnnouncerOrder): Promise<Announcer> {
  const { address, as, to, said } = order;
  const socket = connect({ ...to, localAddress: address });
  t.after(() => socket.destroy());
  await once(socket, "connect");
  socket.on("error", () => undefined);
  const families = ([4, 6] as const).filter((family) =>
    said.some(({ prefix }) => prefix.includes(":") === (family === 6)),
  );
  const capabilities = { ...noCapabilities, families, fourOctetAs: as };
  const routerId = address.split(".").reduce((id, part) => id * 256 + Number(part), 0);
  socket.write(writeOpen({ as, holdSeconds: 90, routerId, capabilities }));
  socket.write(keepaliveMessage);
  const framer = openFramer();
  await new Promise<void>((resolve, reject) => {
    socket.on("close", () => reject(new Error(`${to.host} ended the session of ${address}`)));
    socket.on("data", (chunk) => {
      feed(framer, typeof chunk === "string" ? Buffer.from(chunk) : chunk, (message, start) => {
        if (message[start + 18] === keepaliveType) resolve();
        return true;
      });
    });
  });
  for (const { prefix, via = [], med } of said) {
    const reading = readPrefix(prefix);
    if (reading.kind === "refused") throw new Error(reading.because);
    const nextHop = reading.prefix.family === 4 ? {} : { nextHop: globalHop };
    const attributes = attributesWith([as, ...via], { med, ...nextHop });
    socket.write(
      announcement(attributes, [{ prefix: reading.prefix, pathId: 0 }], { asOctets: 4, withPathId: false }),
    );
  }
  for (const family of families) socket.write(endOfRib(family));
  return { leave: () => socket.destroy() };
}

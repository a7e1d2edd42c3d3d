// Claim: a full table is heard at 200,000 prefixes per second or more, in 250 MiB or less, and not slower than BIRD hears
// it from the same BIRD in the same run.
import { once } from "node:events";
import { connect } from "node:net";
import { noCapabilities } from "#bgp/capability.ts";
import { feed, openFramer } from "#bgp/framing.ts";
import { keepaliveMessage, keepaliveType } from "#bgp/message.ts";
import { writeOpen } from "#bgp/open.ts";
import type { BenchResult } from "./bench.ts";
import { birdRows } from "./bgp-bird.ts";
import { type Heard, heardRow, listener } from "./bgp-heard.ts";
import { fullTable, type TableOrder, tableGroups, tableOctets } from "./bgp-table.ts";

export const parts = ["direct", "bird"];

const sender = "127.0.0.42";

export async function bench(quick: boolean, wanted: readonly string[]): Promise<BenchResult> {
  const order: TableOrder = quick ? { ...fullTable, v4: 105_000, v6: 24_000 } : fullTable;
  const rows: Record<string, string | number>[] = [];
  const notes: string[] = [];
  const isWanted = (part: string): boolean => wanted.length === 0 || wanted.includes(part);
  if (isWanted("direct")) {
    const octets = tableOctets(tableGroups(order));
    for (const events of ["without-events", "with-events"] as const) {
      rows.push(
        heardRow(`octets over TCP, ${events.replace("-", " ")}`, await direct(octets, order, events)),
      );
    }
  }
  if (isWanted("bird")) {
    const bird = await birdRows(order);
    rows.push(...bird.rows);
    notes.push(...bird.notes);
  }
  return {
    claim: "prefixes per second to End-of-RIB, and the memory of a process that only listens",
    rows,
    notes,
  };
}

/** Says the whole table as fast as the listener takes it. */
async function direct(octets: Uint8Array, order: TableOrder, events: string): Promise<Heard> {
  const { port, heard } = await listener(sender, order.peerAs, events);
  const socket = connect({ host: "127.0.0.1", port, localAddress: sender });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  const capabilities = { ...noCapabilities, families: [4, 6] as const, fourOctetAs: order.peerAs };
  socket.write(writeOpen({ as: order.peerAs, holdSeconds: 90, routerId: 1, capabilities }));
  socket.write(keepaliveMessage);
  const framer = openFramer();
  await new Promise<void>((resolve) => {
    socket.on("data", (chunk) => {
      const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
      feed(framer, bytes, (message, start) => {
        if (message[start + 18] === keepaliveType) resolve();
        return true;
      });
    });
  });
  const piece = 1 << 20;
  for (let at = 0; at < octets.length; at += piece) {
    if (!socket.write(octets.subarray(at, at + piece))) await once(socket, "drain");
  }
  const result = await heard;
  socket.destroy();
  return result;
}

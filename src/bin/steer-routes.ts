// `millrace steer routes`: what a dump of a routing table holds, and its routes as a file that `steer explain` takes.
import { defineCommand } from "citty";
import { countOf } from "#bgp/adj-rib-in.ts";
import { feedFaults } from "#bgp/feed-faults.ts";
import type { RouteFilter } from "#bgp/filter.ts";
import { openMrt, readMrt } from "#bgp/io/mrt-file.ts";
import { type MrtReader, mrtReader } from "#bgp/mrt.ts";
import { peerKey } from "#bgp/peer-plan.ts";
import { eachRoute } from "#bgp/site-routes.ts";
import { Fault } from "#units/fault.ts";
import { idPattern, siteId } from "#units/id.ts";
import { runProgram } from "./program.ts";
import { refusedUsage, usageComplaints } from "./usage.ts";

const example = "millrace steer routes --mrt FILE [--neighbour ADDRESS] [--site ID] [--json]";

/** Whoever looks wants to see all that is there. */
const everything: RouteFilter = {
  ...{ localAs: 0, peerAs: 0, isFirstAsChecked: false, allowsPrivate: true, allowsDefaultRoute: true },
  lengths: { 4: { shortest: 0, longest: 32 }, 6: { shortest: 0, longest: 128 } },
};

export const routesCommand = defineCommand({
  meta: { name: "routes", description: "Look at a dump of a routing table (MRT, also with gzip)" },
  args: {
    mrt: { type: "string", description: "The dump: TABLE_DUMP_V2 or BGP4MP (RFC 6396)" },
    neighbour: { type: "string", description: "Only what this neighbour of the collector said" },
    site: { type: "string", default: "dump", description: "Site to which --json gives the routes" },
    json: {
      type: "boolean",
      default: false,
      description: "One JSON document: a routes file, and what it is of",
    },
  },
  run: async ({ args }) => {
    const options = ["json", "neighbour", "site"];
    const complaints = usageComplaints(args, { options, needed: ["mrt"], words: 0 });
    const { mrt = "", neighbour, site, json } = args;
    if (neighbour !== undefined && peerKey(neighbour) === "") {
      complaints.push(`--neighbour: wanted an address, found "${neighbour}"`);
    }
    if (!idPattern.test(site)) complaints.push(`--site: wanted letters, digits, ".", "_" or "-"`);
    if (refusedUsage(complaints, example)) return;
    await runProgram(async () => {
      const reader = await read(mrt, site, neighbour);
      if (json) writeJson(reader);
      else process.stdout.write(asText(mrt, reader));
    });
  },
});

async function read(path: string, site: string, neighbour: string | undefined): Promise<MrtReader> {
  const order = { siteId: siteId(site), filter: everything, seed: 1 };
  const only = neighbour === undefined ? undefined : peerKey(neighbour);
  const reader = mrtReader(
    only === undefined ? order : { ...order, wants: (address: string) => address === only },
  );
  try {
    const file = await openMrt(path);
    await readMrt(file, reader).finally(() => file.close());
  } catch (error) {
    const because = error instanceof Error ? error.message : String(error);
    throw new Fault(feedFaults.dumpUnreadable, { path, because }, error);
  }
  return reader;
}

interface NeighbourRow {
  readonly address: string;
  readonly as: number;
  readonly v4: number;
  readonly v6: number;
}

function neighboursOf({ collected }: MrtReader): readonly NeighbourRow[] {
  return [...collected.byPeer].map(([name, rib]) => {
    const [address = "", as] = name.split(" ");
    return { address, as: Number(as), v4: countOf(rib, 4), v6: countOf(rib, 6) };
  });
}

function asText(path: string, reader: MrtReader): string {
  const { taken, passedOver, broken } = reader.collected.counts;
  const rows = neighboursOf(reader).map(
    ({ address, as, v4, v6 }) => `  ${address} AS${as}: ${v4} IPv4 and ${v6} IPv6 paths`,
  );
  const counted = `${taken} routes and messages taken, ${passedOver} passed over, ${broken} that cannot be read`;
  return [`${path}: ${counted}`, `${rows.length} neighbours`, ...rows, ""].join("\n");
}

/** A full table is a hundred megabytes of it: written as it is read from the tables, a few thousand routes at a time. */
function writeJson(reader: MrtReader): void {
  const { counts, site } = reader.collected;
  const head = JSON.stringify({ neighbours: neighboursOf(reader), records: counts });
  let waiting = [`${head.slice(0, -1)},"routes":[`];
  let comma = "\n";
  eachRoute(site, (route) => {
    waiting.push(`${comma}${JSON.stringify(route)}`);
    comma = ",\n";
    if (waiting.length < 5000) return;
    process.stdout.write(waiting.join(""));
    waiting = [];
  });
  process.stdout.write(`${waiting.join("")}\n]}\n`);
}

// Databases in MaxMind's format, network by network. The reader answers for one address and says how long its network is;
// the next network begins behind it. What the file says is not believed: a tree that leads in circles, a point off the
// earth and a record that cannot be decoded are refused, and (0, 0) is unknown.
// Format: MaxMind DB File Format Specification 2.0.
import { Reader } from "mmdb-lib";
import { bitsOf, type IpAddress, type IpPrefix, prefixOf, writeAddress } from "#bgp/address.ts";
import { type GeoPlace, type GeoRow, placeOf } from "#bgp/geo-table.ts";
import { geoRecord } from "#wire/geo.ts";

/** Where databases repeat their IPv4 tree inside the IPv6 one: mapped, Teredo and 6to4 addresses. */
const aliases: readonly IpPrefix[] = [
  { family: 6, value: 0xffffn << 32n, length: 96 },
  { family: 6, value: 0x20010000n << 96n, length: 32 },
  { family: 6, value: 0x2002n << 112n, length: 16 },
];

/** Records that are remembered by their place in the file: neighbours share them. */
const rememberedRecords = 4096;

/**
 * The database's networks in order, neighbours with one place joined.
 *
 * @throws Error when the file is not a whole database
 */
export function* mmdbRows(bytes: Buffer): Generator<GeoRow> {
  const reader = new Reader(bytes, { cache: lastRecords() });
  const { nodeCount, ipVersion, searchTreeSize } = reader.metadata;
  if (!(nodeCount > 0) || searchTreeSize + 16 > bytes.length) throw new Error("it ends before its tree does");
  if (ipVersion !== 4 && ipVersion !== 6) throw new Error(`IP version ${ipVersion} is neither 4 nor 6`);
  // A binary tree of n nodes has n + 1 ends; more of them means that it leads back into itself.
  const budget = { networks: nodeCount + 1 + 2 * aliases.length + 96 };
  yield* joined(networks(reader, 4, 0n, budget));
  if (ipVersion === 6) yield* joined(networks(reader, 6, 1n << 32n, budget));
}

function* networks(
  reader: Reader<object>,
  family: 4 | 6,
  first: bigint,
  budget: { networks: number },
): Generator<GeoRow> {
  const bits = bitsOf(family);
  for (let value = first; value < 1n << BigInt(bits); ) {
    const alias = aliases.find((one) => one.family === family && one.value === value);
    if (alias !== undefined) {
      value += 1n << BigInt(bits - alias.length);
      continue;
    }
    if (--budget.networks < 0) throw new Error("its tree leads back into itself");
    const address: IpAddress = { family, value };
    const [record, length] = reader.getWithPrefixLength(writeAddress(address));
    const prefix = prefixOf(address, length);
    // Only an alias or the IPv4 part may lie inside a network that was asked for at its middle.
    if (record !== null) yield { prefix, place: placeIn(record) };
    value = prefix.value + (1n << BigInt(bits - length));
  }
}

function placeIn(record: object): GeoPlace | undefined {
  const { location } = geoRecord.parse(record);
  if (location?.latitude === undefined || location.longitude === undefined) return undefined;
  const reading = placeOf(location.latitude, location.longitude, location.accuracy_radius);
  if (reading.kind === "refused") throw new Error(reading.because);
  return reading.place;
}

/** Two halves of a network that have one place are the network. */
function* joined(rows: Iterable<GeoRow>): Generator<GeoRow> {
  const waiting: GeoRow[] = [];
  for (const row of rows) {
    let last = row;
    for (
      let before = waiting.at(-1);
      before !== undefined && areHalves(before, last);
      before = waiting.at(-1)
    ) {
      waiting.pop();
      last = { prefix: { ...before.prefix, length: before.prefix.length - 1 }, place: last.place };
    }
    // Whatever cannot be the first half of anything that is to come may go.
    if (!isFirstHalf(last.prefix)) yield* waiting.splice(0);
    waiting.push(last);
  }
  yield* waiting;
}

function areHalves(a: GeoRow, b: GeoRow): boolean {
  const { length } = a.prefix;
  if (length === 0 || length !== b.prefix.length || !isFirstHalf(a.prefix)) return false;
  if (b.prefix.value !== a.prefix.value + (1n << BigInt(bitsOf(a.prefix.family) - length))) return false;
  const [one, other] = [a.place, b.place];
  return (
    one?.latitude === other?.latitude &&
    one?.longitude === other?.longitude &&
    one?.radiusKm === other?.radiusKm
  );
}

function isFirstHalf({ family, value, length }: IpPrefix): boolean {
  return length > 0 && ((value >> BigInt(bitsOf(family) - length)) & 1n) === 0n;
}

function lastRecords(): {
  get(key: string | number): unknown;
  set(key: string | number, value: unknown): void;
} {
  const records = new Map<string | number, unknown>();
  return {
    get: (key) => records.get(key),
    set(key, value) {
      if (records.size >= rememberedRecords) records.clear();
      records.set(key, value);
    },
  };
}

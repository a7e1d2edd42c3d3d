// The keys of titles: kept wrapped before anything is encrypted with them, checked when a title is published, ended when it is
// published with others, and wrapped anew when the key encryption key was replaced.
import type { StoredTitle } from "#data/ports.ts";
import type { StoredKey } from "#data/ports-licence.ts";
import { type ContentKey, type KeyLabel, type KeyRef, keyLabels } from "#model/content-key.ts";
import type { TitlePackage } from "#model/package.ts";
import type { Clock } from "#units/clock.ts";
import { Fault } from "#units/fault.ts";
import type { KeyState, Rewrapped, TitleKeys } from "#wire/licence.ts";
import { controlFaults } from "./faults.ts";
import type { ControlPorts } from "./ports.ts";

type KeyPorts = Pick<ControlPorts, "stores" | "vault" | "settings" | "seal">;

const hourMs = 3_600_000;
/** More nonces than that are not taken by chance. */
const mostTries = 3;
const pageSize = 100;
const mostNamed = 20;

/**
 * Keeps keys, wrapped, all of them or none. Those that are there stay; the same kid with another key or label is refused, and
 * nothing is changed.
 *
 * @throws Fault kid-taken, key-encryption-key-none, key-encryption-key-missing, content-key-damaged
 */
export async function keepKeys(
  ports: KeyPorts,
  titleId: string,
  keys: readonly ContentKey[],
  nowMs: number,
): Promise<void> {
  const { stores, vault } = ports;
  for (let tries = 1; ; tries++) {
    const there = await stores.contentKeys.ofTitle(titleId);
    for (const key of keys) demandSame(ports, there, key, titleId);
    const lacking = keys.filter(({ kid }) => !there.some((one) => one.kid === kid));
    const rows = lacking.map(({ key, ...about }) => {
      const name = { titleId, ...about };
      return { ...name, createdAtMs: nowMs, ...vault.wrap(name, key) };
    });
    // Taken: somebody else kept one of them meanwhile, or a nonce came again.
    if (rows.length === 0 || (await stores.contentKeys.add(rows)) === "added") return;
    if (tries >= mostTries) throw new Error("the same nonce came several times");
  }
}

function demandSame(
  { vault, seal }: KeyPorts,
  there: readonly StoredKey[],
  { kid, label, key }: ContentKey,
  titleId: string,
): void {
  const known = there.find((one) => one.kid === kid);
  if (known === undefined || (known.label === label && seal.equal(vault.unwrap(known), key))) return;
  throw new Fault(controlFaults.kidTaken, { titleId, kid });
}

/** For packaging again with the keys that a title has. Those that ended are none of them; without one for each label there are none. */
export async function keysToPack(
  { stores, vault }: KeyPorts,
  titleId: string,
): Promise<readonly ContentKey[]> {
  const kept = (await stores.contentKeys.ofTitle(titleId)).filter(({ endsAtMs }) => endsAtMs === undefined);
  const ring = keyLabels.flatMap((label) => newest(kept, label) ?? []);
  return ring.length < keyLabels.length ? [] : ring.map((key) => opened(vault, key));
}

/**
 * What a title will be encrypted with: the keys that it has, else new ones, kept before anybody is told of them. By name.
 *
 * @throws Fault key-encryption-key-none; whatever the maker throws
 */
export async function keysToEncrypt(
  ports: KeyPorts,
  titleId: string,
  make: () => Promise<readonly ContentKey[]>,
  nowMs: number,
): Promise<readonly KeyRef[]> {
  const before = await keysToPack(ports, titleId);
  if (before.length === 0) await keepKeys(ports, titleId, await make(), nowMs);
  // Read again: of two who make keys at once, both sets are kept, and both go by the same ones.
  const keys = before.length === 0 ? await keysToPack(ports, titleId) : before;
  return keys.map(({ label, kid }) => ({ label, kid }));
}

/** The keys of these names, opened; undefined when one is not kept. @throws Fault key-encryption-key-missing, content-key-damaged */
export async function openKeys(
  { stores, vault }: KeyPorts,
  titleId: string,
  names: readonly KeyRef[],
): Promise<readonly ContentKey[] | undefined> {
  const kept = await stores.contentKeys.ofTitle(titleId);
  const found = names.map(({ label, kid }) => kept.find((key) => key.label === label && key.kid === kid));
  const keys = found.flatMap((key) => key ?? []);
  if (keys.length < names.length) return undefined;
  return keys.map((key) => opened(vault, key));
}

function opened(vault: KeyPorts["vault"], key: StoredKey): ContentKey {
  const { label, kid, signalling } = key;
  return { label, kid, key: vault.unwrap(key), ...(signalling && { signalling }) };
}

/**
 * The one way into the catalogue of titles: each of the title's keys is kept, and opens; keys of before end after a while.
 *
 * @throws Fault keys-missing, key-encryption-key-missing, content-key-damaged
 */
export async function publishTitle(
  ports: KeyPorts,
  title: StoredTitle,
  { wallMs }: Pick<Clock, "wallMs">,
): Promise<void> {
  await demandKeys(ports, title.package);
  await settleKeys(ports, title.package, { kind: "before", nowMs: wallMs() });
  await ports.stores.catalog.publish(title);
  await settleKeys(ports, title.package, { kind: "after", nowMs: wallMs() });
}

async function demandKeys(ports: KeyPorts, { titleId, protection }: TitlePackage): Promise<void> {
  if (protection === undefined) return;
  const kept = await ports.stores.contentKeys.ofTitle(titleId);
  for (const { kid, label, rendition } of protection.tracks) {
    const key = kept.find((one) => one.kid === kid && one.label === label);
    if (key === undefined) throw new Fault(controlFaults.keysMissing, { titleId, rendition, kid });
    ports.vault.unwrap(key);
  }
}

/** Before: whatever the title is published with now and then goes on. After: only what it is published with. */
async function settleKeys(
  { stores, settings }: Pick<ControlPorts, "stores" | "settings">,
  { titleId, protection }: TitlePackage,
  when: { readonly kind: "before" | "after"; readonly nowMs: number },
): Promise<void> {
  const kept = await stores.contentKeys.ofTitle(titleId);
  if (kept.length === 0) return;
  const tracks = protection?.tracks ?? [];
  // A tier that the ladder does not reach has its key all the same, for when the title is packaged again.
  const idle = keyLabels.filter(
    (label) => tracks.length > 0 && !tracks.some((track) => track.label === label),
  );
  const wanted = [...tracks, ...idle.flatMap((label) => newest(kept, label) ?? [])].map(({ kid }) => kid);
  const going = kept.filter(({ endsAtMs }) => when.kind === "before" && endsAtMs === undefined);
  const kids = [...new Set([...wanted, ...going.map(({ kid }) => kid)])];
  const endsAtMs = when.nowMs + (settings.playHours + settings.retiredKeyHours) * hourMs;
  await stores.contentKeys.inUse(titleId, kids, endsAtMs);
}

function newest(kept: readonly StoredKey[], label: KeyLabel): StoredKey | undefined {
  return kept.filter((key) => key.label === label).toSorted((a, b) => b.createdAtMs - a.createdAtMs)[0];
}

export function titleKeysOf(titleId: string, kept: readonly StoredKey[]): TitleKeys {
  const keys = kept.map(({ label, kid, kekId, endsAtMs }) => ({
    ...{ label, kid, kekId },
    endsAtMs: endsAtMs ?? null,
  }));
  return { titleId, keys };
}

export async function keyStateOf({ stores, vault }: KeyPorts): Promise<KeyState> {
  return { kekId: vault.kekId(), wrappers: [...(await stores.contentKeys.wrappers())] };
}

/** Every key that another key encryption key wraps is wrapped by the first. Stopped half-way, it goes on the next time. */
export async function rewrapKeys({ stores, vault }: KeyPorts): Promise<Rewrapped> {
  const kekId = vault.kekId();
  const unopened: StoredKey[] = [];
  let [count, after]: [number, StoredKey | undefined] = [0, undefined];
  for (;;) {
    const page: readonly StoredKey[] = await stores.contentKeys.wrappedByOthers(kekId, pageSize, after);
    for (const key of page) {
      const opened = tryUnwrap(vault, key);
      if (opened === undefined) unopened.push(key);
      else if ((await stores.contentKeys.rewrap(key, vault.wrap(key, opened))) === true) count += 1;
    }
    after = page.at(-1);
    if (page.length < pageSize) break;
  }
  const named = unopened
    .slice(0, mostNamed)
    .map(({ titleId, kid, kekId: by }) => ({ titleId, kid, kekId: by }));
  return { kekId, rewrapped: count, unopened: named, unopenedCount: unopened.length };
}

function tryUnwrap(vault: KeyPorts["vault"], key: StoredKey): string | undefined {
  try {
    return vault.unwrap(key);
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

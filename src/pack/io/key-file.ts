// The file with a title's content keys: read before any work, or made. Its owner alone may read it, and it never lies in
// a folder that is published.
import { randomBytes } from "node:crypto";
import { constants, mkdir, open, realpath, rm } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { ownerOnly } from "#io/files.ts";
import { type ContentKey, keyLabels } from "#model/content-key.ts";
import { packFaults } from "#pack/faults.ts";
import { keyringOf } from "#pack/protection.ts";
import { Fault } from "#units/fault.ts";
import { contentKeys } from "#wire/content-keys.ts";
import { sync } from "./folder.ts";

/** A key file has four short entries. */
const maxBytes = 64 * 1024;

/**
 * A complete keyring, one key per label.
 *
 * @throws Fault pack-keys-unfit
 */
export async function readKeyFile(path: string, published: string): Promise<readonly ContentKey[]> {
  if (await isInside(path, published)) {
    throw unfit(path, `it lies in ${published}, which gets published. Move it elsewhere`);
  }
  const parsed = contentKeys.safeParse(parse(path, await readOwned(path)));
  if (!parsed.success) {
    const complaints = parsed.error.issues.map(
      (issue) => `${issue.path.join(".") || "(top)"}: ${issue.message}`,
    );
    throw unfit(path, complaints.slice(0, 8).join("; "));
  }
  const keyring = keyringOf(parsed.data.keys);
  if (keyring.kind === "refused") throw unfit(path, keyring.because);
  return keyring.keys;
}

/** A complete keyring by chance. */
export function randomKeys(): readonly ContentKey[] {
  const fresh = (): string => randomBytes(16).toString("hex");
  return keyLabels.map((label) => ({ label, kid: fresh(), key: fresh() }));
}

/**
 * Fresh keys for every label, written before they are used. A file that is there is never replaced: a film encrypted
 * with its keys could not be played again.
 *
 * @throws Fault pack-keys-unfit
 */
export async function newKeyFile(path: string): Promise<readonly ContentKey[]> {
  const keys = randomKeys();
  await mkdir(dirname(path), { recursive: true });
  const handle = await open(path, "wx", ownerOnly).catch((error: unknown) => {
    const there = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw unfit(path, there ? `it is already there. Use its keys with --encrypt ${path}` : reasonOf(error));
  });
  try {
    await handle.writeFile(`${JSON.stringify({ keys }, null, 2)}\n`);
    await handle.sync();
  } catch (error) {
    // Ours, and torn: left there, it would be refused as keys, and kept from being made anew.
    await rm(path, { force: true });
    throw unfit(path, reasonOf(error));
  } finally {
    await handle.close();
  }
  await sync(dirname(path));
  return keys;
}

/** Owner, mode and content of the same open file. A pipe is opened without waiting for who writes into it. */
async function readOwned(path: string): Promise<string> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
    throw unfit(path, reasonOf(error));
  });
  try {
    const about = await handle.stat();
    if (!about.isFile()) throw unfit(path, "it is not a file");
    if (about.size > maxBytes) throw unfit(path, `it has ${about.size} bytes, at most ${maxBytes} are read`);
    const user = process.getuid?.() ?? about.uid;
    if (about.uid !== user && about.uid !== 0)
      throw unfit(path, `it belongs to user ${about.uid}, not to ${user}. Run chown ${user} ${path}`);
    const others = about.mode & 0o077;
    if (others !== 0) {
      const mode = (about.mode & 0o777).toString(8).padStart(4, "0");
      throw unfit(path, `its mode is ${mode}, so others than its owner may use it. Run chmod 600 ${path}`);
    }
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

/** The parser's own words quote the text around the mistake, so they are not passed on. */
function parse(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw unfit(path, "it is not JSON");
  }
}

async function isInside(path: string, folder: string): Promise<boolean> {
  const [file, published] = await Promise.all([real(path), real(folder)]);
  const way = relative(published, file);
  return way !== "" && !way.startsWith("..") && !way.startsWith("/");
}

async function real(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}

function unfit(path: string, reason: string): Fault {
  return new Fault(packFaults.keysUnfit, { path, reason });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

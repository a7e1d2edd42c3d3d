// A certificate and its key: read from where the operator (or a renewal) puts them, looked at, and kept under a name made
// of their content, so that nginx never reads a file that someone is just writing.
import { createHash, createPrivateKey, X509Certificate } from "node:crypto";
import { mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { ownerOnly, writeWhole } from "#io/files.ts";

export interface CertificateFiles {
  readonly certificate: string;
  readonly key: string;
}

export interface KeptPair {
  readonly files: CertificateFiles;
  readonly pair: Pem;
  readonly endsAtMs: number;
}

/** What the operator's files are good for. */
export type Found =
  | { readonly kind: "good"; readonly pair: Pem; readonly endsAtMs: number }
  | { readonly kind: "unusable"; readonly because: string };

export interface Pem {
  readonly certificate: string;
  readonly key: string;
}

/** Of a certificate with its chain; more is no certificate. */
const longestPem = 1 << 20;
/** The one that is served, and the one before, which the last good configuration names. */
const mostKept = 2;

/** Reads both files as they are now. Everything that is wrong with them is an answer, not an error. */
export async function readCertificate(files: CertificateFiles): Promise<Found> {
  try {
    const pair = { certificate: await readPem(files.certificate), key: await readPem(files.key) };
    const leaf = new X509Certificate(pair.certificate);
    if (!leaf.checkPrivateKey(createPrivateKey(pair.key))) {
      return { kind: "unusable", because: `the key in ${files.key} is not the certificate's` };
    }
    return { kind: "good", pair, endsAtMs: Date.parse(leaf.validTo) };
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { kind: "unusable", because: `${files.certificate} and ${files.key}: ${error.message}` };
  }
}

async function readPem(path: string): Promise<string> {
  const file = await open(path, "r");
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(longestPem), 0, longestPem, 0);
    return buffer.toString("utf8", 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Puts a pair into the folder. The same pair has the same name. */
export async function keepPair(folder: string, pair: Pem): Promise<CertificateFiles> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const hash = createHash("sha256").update(pair.certificate).update("\0").update(pair.key).digest("hex");
  const kept = keptFiles(folder, hash.slice(0, 32));
  await writeWhole(kept.key, pair.key, ownerOnly);
  await writeWhole(kept.certificate, pair.certificate, ownerOnly);
  return kept;
}

/** The pair that was kept last and is still sound; undefined when there is none. */
export async function lastKept(folder: string): Promise<KeptPair | undefined> {
  for (const kept of await keptNewestFirst(folder)) {
    const found = await readCertificate(kept);
    if (found.kind === "good") return { files: kept, pair: found.pair, endsAtMs: found.endsAtMs };
  }
  return undefined;
}

/** Forgets the oldest. The one that is served stays, however old it is. */
export async function forgetOld(folder: string, served: CertificateFiles): Promise<void> {
  const others = (await keptNewestFirst(folder)).filter((kept) => kept.certificate !== served.certificate);
  for (const kept of others.slice(mostKept - 1)) await forget(kept);
}

export async function forget({ certificate, key }: CertificateFiles): Promise<void> {
  await rm(certificate, { force: true });
  await rm(key, { force: true });
}

async function keptNewestFirst(folder: string): Promise<readonly CertificateFiles[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".crt"));
  const aged = await Promise.all(
    names.map(async (name) => ({
      kept: keptFiles(folder, name.slice(0, -".crt".length)),
      at: (await stat(join(folder, name))).mtimeMs,
    })),
  );
  return aged.sort((a, b) => b.at - a.at).map(({ kept }) => kept);
}

function keptFiles(folder: string, name: string): CertificateFiles {
  return { certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
}

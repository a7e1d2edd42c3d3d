// The installation's keys: made once, readable by their owner only, never printed.
import { createHash, createHmac, createSecretKey, randomBytes, timingSafeEqual } from "node:crypto";
import { chmod } from "node:fs/promises";
import { z } from "zod";
import { controlFaults } from "#control/faults.ts";
import type { Seal } from "#control/ports.ts";
import { ownerOnly, readIfThere, writeWhole } from "#io/files.ts";
import type { SigningKey } from "#io/signed-path.ts";
import type { KeyEncryptionKey } from "#licence/io/key-vault.ts";
import { Fault } from "#units/fault.ts";

const secretsFile = z.object({
  version: z.literal(1),
  sessionSecret: z.string().min(32),
  applianceToken: z.string().min(32),
  /** The first one signs, all of them are accepted. */
  signingKeys: z
    .array(z.object({ kid: z.string().regex(/^[a-z0-9]{1,16}$/), secret: z.string().min(32) }))
    .min(1),
  /** The first one wraps content keys, all of them open: see docs/licences.md. */
  keyEncryptionKeys: z
    .array(z.object({ id: z.string().regex(/^[a-z0-9]{1,16}$/), secret: z.string().regex(/^[0-9a-f]{64}$/) }))
    .default([]),
  /** Passwords that this installation made up, so that the terminal can show them again. */
  madePasswords: z.record(z.string(), z.string()).default({}),
});

export interface Secrets {
  readonly sessionSecret: string;
  readonly applianceToken: string;
  readonly signingKeys: readonly [SigningKey, ...SigningKey[]];
  readonly keyEncryptionKeys: readonly KeyEncryptionKey[];
  readonly madePasswords: Readonly<Record<string, string>>;
}

/** Reads the file, or makes it. Its folder's mode is the operator's business, its own is put right each time. */
export async function openSecrets(path: string): Promise<Secrets> {
  const text = await readIfThere(path);
  if (text === undefined) {
    const fresh = makeSecrets();
    await writeSecrets(path, fresh);
    return fresh;
  }
  await chmod(path, ownerOnly);
  const secrets = parseSecrets(path, text);
  // A file from before there were encrypted titles.
  return secrets.keyEncryptionKeys.length > 0 ? secrets : addEncryptionKey(path);
}

/** The same for every copy of this installation's file, whatever keys were added to it since. */
export function secretsDigest({ sessionSecret, applianceToken }: Secrets): string {
  const text = `millrace installation 1:${sessionSecret}:${applianceToken}`;
  return createHash("sha256").update(text).digest("hex");
}

/** Another key that wraps content keys from the next start on; what older ones wrapped still opens. */
export async function addEncryptionKey(path: string): Promise<Secrets> {
  const text = await readIfThere(path);
  const before = text === undefined ? makeSecrets() : parseSecrets(path, text);
  const after = { ...before, keyEncryptionKeys: [makeEncryptionKey(), ...before.keyEncryptionKeys] };
  await writeSecrets(path, after);
  return after;
}

/** Keeps a password that was made up here. */
export async function keepMadePassword(path: string, email: string, password: string): Promise<void> {
  const secrets = await openSecrets(path);
  await writeSecrets(path, { ...secrets, madePasswords: { ...secrets.madePasswords, [email]: password } });
}

/** MACs under one key, for session tokens. */
export function openSeal(secret: string): Seal {
  const key = createSecretKey(secret, "utf8");
  return {
    sign: (text) => createHmac("sha256", key).update(`millrace session 1:${text}`).digest("base64url"),
    equal: sameText,
  };
}

/** In a time that says nothing of where they differ. The length of a MAC is no secret. */
function sameText(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)];
  return one.length === other.length && timingSafeEqual(one, other);
}

function parseSecrets(path: string, text: string): Secrets {
  const parsed = secretsFile.safeParse(jsonOf(text));
  if (!parsed.success) {
    const reason = parsed.error.issues.map((issue) => issue.path.join(".") || "not JSON").join(", ");
    throw new Fault(controlFaults.secretsUnreadable, { path, reason });
  }
  const [first, ...rest] = parsed.data.signingKeys;
  if (first === undefined) throw new Fault(controlFaults.secretsUnreadable, { path, reason: "signingKeys" });
  return { ...parsed.data, signingKeys: [first, ...rest] };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function makeSecrets(): Secrets {
  const secret = (): string => randomBytes(32).toString("hex");
  return {
    sessionSecret: secret(),
    applianceToken: secret(),
    signingKeys: [{ kid: `k${randomBytes(3).toString("hex")}`, secret: secret() }],
    keyEncryptionKeys: [makeEncryptionKey()],
    madePasswords: {},
  };
}

function makeEncryptionKey(): KeyEncryptionKey {
  return { id: `e${randomBytes(3).toString("hex")}`, secret: randomBytes(32).toString("hex") };
}

async function writeSecrets(path: string, secrets: Secrets): Promise<void> {
  await writeWhole(path, `${JSON.stringify({ version: 1, ...secrets }, null, 2)}\n`, ownerOnly);
}

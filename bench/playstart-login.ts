// Sign-ins beside the hash that each of them is made of.
import { argon2, randomBytes } from "node:crypto";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Values } from "#config/setting.ts";
import { ensureAccount } from "#control/io/accounts.ts";
import type { Passwords } from "#control/ports.ts";
import type { controlSettings } from "#control/settings.ts";
import { removeTree } from "#io/files.ts";
import { openPlane } from "#test/journeys/control-plane.ts";

type Settings = Values<typeof controlSettings>;

/** Hashes per second, `passwordWorkers` at once. */
export async function plainArgon(settings: Settings, count: number): Promise<number> {
  const parameters = {
    ...{ message: "bench of the sign-in", nonce: randomBytes(16), parallelism: 1, tagLength: 32 },
    ...{ memory: settings.argonMemoryKib, passes: settings.argonPasses },
  };
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      argon2("argon2id", parameters, (error) => (error === null ? resolve() : reject(error)));
    });
  return perSecond(settings.passwordWorkers, count, one);
}

/** Sign-ins per second against a whole control plane on the embedded database, as many at once. */
export async function signIns(passwords: Passwords, settings: Settings, count: number): Promise<number> {
  const home = await mkdtemp(join(tmpdir(), "millrace-login-"));
  const plane = await openPlane(home, { settings: { ...settings, signInsPerMinute: 100_000 } });
  try {
    const { stores, secretsPath } = plane;
    const [email, password] = ["login@example.org", "bench of the sign-in"];
    await ensureAccount({ stores, passwords, secretsPath, email, password, role: "viewer" });
    const body = JSON.stringify({ email, password });
    const headers = { "content-type": "application/json" };
    return await perSecond(settings.passwordWorkers, count, async () => {
      const answer = await fetch(`${plane.control.url}/v1/sign-in`, { method: "POST", headers, body });
      if (!answer.ok) throw new Error(`sign-in answered ${answer.status}: ${await answer.text()}`);
      await answer.text();
    });
  } finally {
    await plane.close();
    await removeTree(home);
  }
}

async function perSecond(atOnce: number, count: number, work: () => Promise<void>): Promise<number> {
  let left = count;
  const begun = performance.now();
  const worker = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await work();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return (count * 1000) / (performance.now() - begun);
}

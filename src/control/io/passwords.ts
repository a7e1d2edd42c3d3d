// Argon2id through node:crypto, a few at a time: each takes tens of MiB, so a flood of sign-ins must queue, and the
// queue must end.
import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { type Argon2Cost, isOutdated, type Phc, phcText, readPhc } from "#account/phc.ts";
import type { Values } from "#config/setting.ts";
import { controlFaults } from "#control/faults.ts";
import type { HashClass, PasswordCheck, Passwords } from "#control/ports.ts";
import type { controlSettings } from "#control/settings.ts";
import { Fault } from "#units/fault.ts";

type Limits = Pick<
  Values<typeof controlSettings>,
  "argonMemoryKib" | "argonPasses" | "passwordWorkers" | "passwordQueue" | "signUpQueue"
>;

const saltBytes = 16;
const hashBytes = 32;

export function openPasswords(limits: Limits): Passwords {
  const today: Argon2Cost = { memoryKib: limits.argonMemoryKib, passes: limits.argonPasses, lanes: 1 };
  const gate = openGate(limits.passwordWorkers, {
    "sign-in": limits.passwordQueue,
    account: limits.signUpQueue,
  });
  /** Checked in place of an account that does not exist, so that the answer takes as long. */
  const decoy: Phc = {
    ...today,
    salt: unpadded(randomBytes(saltBytes)),
    hash: unpadded(randomBytes(hashBytes)),
  };
  return {
    hash: (password, forWhom = "sign-in") =>
      gate(forWhom, async () => {
        const salt = randomBytes(saltBytes);
        const hash = await derive(password, salt, today, hashBytes);
        return phcText({ ...today, salt: unpadded(salt), hash: unpadded(hash) });
      }),
    check: (password, stored, forWhom = "sign-in") =>
      gate(forWhom, async (): Promise<PasswordCheck> => {
        const known = stored === undefined ? undefined : readPhc(stored);
        const phc = known ?? decoy;
        const wanted = Buffer.from(phc.hash, "base64");
        const found = await derive(password, Buffer.from(phc.salt, "base64"), phc, wanted.length);
        if (!timingSafeEqual(found, wanted) || known === undefined) return "wrong";
        return isOutdated(known, today) ? "right-but-outdated" : "right";
      }),
  };
}

function derive(password: string, salt: Buffer, cost: Argon2Cost, length: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parameters = {
      message: password.normalize("NFC"),
      nonce: salt,
      parallelism: cost.lanes,
      tagLength: length,
      memory: cost.memoryKib,
      passes: cost.passes,
    };
    argon2("argon2id", parameters, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}

/** The PHC format writes base64 without its padding. */
function unpadded(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("=", "");
}

type Gate = <T>(forWhom: HashClass, work: () => Promise<T>) => Promise<T>;

/** Of so many who are let in while both classes wait, one is not a sign-in: neither class waits for ever. */
const turns = 4;

/** Lets `workers` run at once; each class has a queue of its own, and who finds it full is sent away. */
function openGate(workers: number, queues: Readonly<Record<HashClass, number>>): Gate {
  let running = 0;
  let turn = 0;
  const waiting: Readonly<Record<HashClass, (() => void)[]>> = { "sign-in": [], account: [] };
  const next = (): (() => void) | undefined => {
    turn = (turn + 1) % turns;
    const [first, second] =
      turn === 0 ? (["account", "sign-in"] as const) : (["sign-in", "account"] as const);
    return waiting[first].shift() ?? waiting[second].shift();
  };
  return async (forWhom, work) => {
    if (running >= workers) {
      const queue = waiting[forWhom];
      if (queue.length >= queues[forWhom]) throw new Fault(controlFaults.busy);
      await new Promise<void>((resolve) => queue.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const admitted = next();
      if (admitted === undefined) running -= 1;
      else admitted();
    }
  };
}

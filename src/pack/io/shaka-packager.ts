// shaka-packager at work on one rendition. Where and how it runs (walls, deadline) is the caller's; here is what it is
// told, and that no fault of it carries a key.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { ContentKey } from "#model/content-key.ts";
import { packFaults } from "#pack/faults.ts";
import {
  type PackagerOrder,
  packagerArgs,
  packagerFiles,
  packagerSecret,
  withoutKeys,
} from "#pack/protection.ts";
import { Fault } from "#units/fault.ts";
import type { Seconds } from "#units/quantity.ts";

/** Runs the program to its end; rejects when it does not end well. */
export type RunPackager = (run: PackagerRun) => Promise<unknown>;

export interface PackagerRun {
  readonly args: readonly string[];
  /** The one folder it may read and write, and where it stands. */
  readonly folder: string;
  /** Environment that nobody else may see. */
  readonly secret: Readonly<Record<string, string>>;
  /** Length of what it works on, for a deadline. */
  readonly filmSeconds: Seconds;
  readonly signal: AbortSignal;
}

/** Everything `--encrypt` asks for. */
export interface ProtectionOrder {
  /** A complete keyring. */
  readonly keys: readonly ContentKey[];
  readonly licenceUrl: string | undefined;
  readonly run: RunPackager;
}

export interface EncryptOrder extends PackagerOrder {
  readonly protection: ProtectionOrder;
  /** The keys that the title uses. */
  readonly keys: readonly ContentKey[];
  /** Holds the clear rendition as one file; afterwards also what the packager made of it. */
  readonly folder: string;
  readonly filmSeconds: Seconds;
  readonly signal: AbortSignal;
  /** For the fault. */
  readonly title: string;
  readonly rendition: string;
}

/** @throws Fault pack-packager-failed; the signal's reason when aborted */
export async function runPackager(order: EncryptOrder): Promise<void> {
  const { protection, keys, folder, filmSeconds, signal, title, rendition } = order;
  await mkdir(join(folder, packagerFiles.folder));
  try {
    const secret = packagerSecret(keys);
    await protection.run({ args: packagerArgs(order), folder, secret, filmSeconds, signal });
  } catch (error) {
    signal.throwIfAborted();
    // Without its cause: that holds what the program printed, as it printed it.
    const reason = withoutKeys(error instanceof Error ? error.message : String(error), keys);
    throw new Fault(packFaults.packagerFailed, { title, rendition, reason });
  }
}

// What `--encrypt` needs, found out before any work: a packager that runs, and a complete keyring.
import type { EncodeOrder } from "#encode/io/encode-order.ts";
import { openWorkshop } from "#encode/io/workshop.ts";
import { findPackager } from "#io/packager.ts";
import { packFaults } from "#pack/faults.ts";
import { newKeyFile, readKeyFile } from "#pack/io/key-file.ts";
import type { ProtectionOrder, RunPackager } from "#pack/io/shaka-packager.ts";
import { Fault } from "#units/fault.ts";

/** `--encrypt new` makes keys; anything else names the file that holds them. */
export const freshKeys = "new";

export interface ProtectWish {
  /** Value of --encrypt. */
  readonly keys: string;
  /** The folder that gets published. Fresh keys are written beside it, never into it. */
  readonly out: string;
  readonly licenceUrl: string | undefined;
  /** MILLRACE_SHAKA_PACKAGER. */
  readonly packager: string;
}

/** What does not go together on the command line. */
export function protectComplaints(args: {
  readonly encrypt: string | undefined;
  readonly licenceUrl: string | undefined;
  readonly ts: boolean;
}): readonly string[] {
  const { encrypt, licenceUrl, ts } = args;
  return [
    ...(encrypt === "" ? ["--encrypt: wanted a key file or new, found nothing"] : []),
    ...(encrypt !== undefined && ts
      ? [
          "--ts: its chunks would be a clear copy beside the encrypted film; leave one of --ts and --encrypt out",
        ]
      : []),
    ...(licenceUrl !== undefined && encrypt === undefined ? ["--licence-url: it goes with --encrypt"] : []),
    ...(licenceUrl !== undefined && !URL.canParse(licenceUrl, "https://licence.invalid")
      ? [`--licence-url: wanted an address, found "${licenceUrl}"`]
      : []),
  ];
}

/** @throws Fault pack-packager-missing, pack-keys-unfit, encode-no-sandbox */
export async function protectionFor(wish: ProtectWish, run: PackagerRunning): Promise<ProtectionOrder> {
  const packager = await packagerFor(wish.packager, run);
  const keys =
    wish.keys === freshKeys
      ? await newKeyFile(keyFileBeside(wish.out))
      : await readKeyFile(wish.keys, wish.out);
  return { keys, licenceUrl: wish.licenceUrl, run: packager };
}

export type PackagerRunning = Pick<EncodeOrder, "tools" | "settings" | "signal">;

/**
 * shaka-packager in the sandbox.
 *
 * @throws Fault pack-packager-missing, encode-no-sandbox
 */
export async function packagerFor(
  packager: string,
  { tools, settings, signal }: PackagerRunning,
): Promise<RunPackager> {
  const found = await findPackager(packager, signal);
  if (found.kind === "missing") {
    throw new Fault(packFaults.packagerMissing, { path: found.path, reason: found.because });
  }
  const workshop = await openWorkshop(tools, settings, signal);
  return ({ args, folder, secret, filmSeconds, signal: stop }) =>
    workshop.run({ tool: found.tool, args, reads: [], scratch: folder, filmSeconds, secret, signal: stop });
}

export function keyFileBeside(out: string): string {
  return `${out}.keys.json`;
}

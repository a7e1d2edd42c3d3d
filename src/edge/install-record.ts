import type { Made } from "./install-ownership.ts";

/** What an installation wrote, kept on the machine. It holds no secret. */
export interface InstallRecord {
  readonly id: string;
  readonly user: string;
  readonly dir: string;
  readonly prefix: string;
  /** Whether systemd was told of all this; false between writing and telling. */
  readonly isTold: boolean;
  /** Whether Debian's nginx.service was switched off for it. */
  readonly switchedOffNginx: boolean;
  /** Ports that the firewall leaves open for ssh; a later run closes none of them by itself. */
  readonly sshPorts?: readonly number[] | undefined;
  /** Not in records of before it was kept: then nothing is known to have been made. */
  readonly made?: Made | undefined;
  /** Text of each file, by path, as it was last written. */
  readonly files: Readonly<Record<string, string>>;
}

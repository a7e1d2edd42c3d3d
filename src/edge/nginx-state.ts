// The values that decide an nginx's configuration.
import type { Denial } from "#model/denial.ts";
import type { Bytes, BytesPerSecond, Milliseconds } from "#units/quantity.ts";
import type { Breaker } from "./broken-segment.ts";

/** A key as nginx holds it: see macKey in src/io/signed-path.ts. */
export interface EdgeKey {
  readonly kid: string;
  /** 64 hexadecimal digits. */
  readonly macKey: string;
}

/** What is served and how: the part that may change while nginx runs. */
export interface Served {
  /** "127.0.1.11:8181". */
  readonly listen: string;
  /** Holds `v/<title>/…`. Nothing outside `v/` can be asked for. */
  readonly folder: string;
  readonly workers: number;
  /** Of one worker. */
  readonly connections: number;
  /** Threads of one worker that wait for the disk; 0: the worker itself does. */
  readonly threads: number;
  /** Per response; 0 means no pacing. */
  readonly pace: BytesPerSecond;
  /** How long a client may take to send its request's headers. */
  readonly headerTimeout: Milliseconds;
  /** Responses that one address may be sent at a time; 0 means any number. */
  readonly perAddress: number;
  /** Undefined: plain HTTP alone. */
  readonly tls?: TlsState | undefined;
  /** Undefined: no HTTP/3. */
  readonly http3?: Http3State | undefined;
  /** Undefined: what is not held is 404. */
  readonly miss?: MissState | undefined;
  /** While an experiment breaks a segment for some sessions. */
  readonly breaker?: Breaker | undefined;
  /** Refused though the signature is right. */
  readonly denied?: readonly Denial[] | undefined;
}

export interface NginxState extends Served {
  readonly platform: "linux" | "freebsd";
  /** nginx's own place: configuration, pid, logs, temporary files. */
  readonly prefixDir: string;
  /** Where `stub_status` listens. */
  readonly stubSocket: string;
  /** Folder of the dynamic modules with set_misc; without it paths are checked with the weaker MD5 envelope. */
  readonly modulesFolder: string | undefined;
  /** User of the workers, when the master is root. */
  readonly user: string | undefined;
  /** Any of these may have signed. None: every request is refused. */
  readonly keys: readonly EdgeKey[];
  /** Names this text, so that whoever reloads can see which one answers. */
  readonly generation: string;
}

export interface TlsState {
  /** "192.0.2.7:443". */
  readonly listen: string;
  /** PEM files. Their names hold a hash of their content, so that another certificate is another configuration. */
  readonly certificate: string;
  readonly key: string;
  /** The oldest version that is spoken. */
  readonly oldest: "1.2" | "1.3";
  /** Whether the kernel is asked to encrypt. */
  readonly kernel: boolean;
}

/** HTTP/3, spoken by nginx or by a front that asks nginx over a Unix socket. */
export type Http3State = {
  /** Of the UDP socket, as viewers see it. */
  readonly port: number;
  /** Whether viewers are sent there. */
  readonly isUp: boolean;
} & (
  | { readonly kind: "nginx"; readonly listen: string }
  | { readonly kind: "front"; readonly socket: string }
);

/** What is done for a request that is rightly signed and asks for a file that is not held. */
export interface MissState {
  /** Undefined: 404. */
  readonly redirect?: Redirect | undefined;
  readonly pull?: PullState | undefined;
}

export interface Redirect {
  readonly status: 302 | 307;
  /** "http://192.0.2.1:8180". */
  readonly baseUrl: string;
}

export interface PullState {
  /** Where pulled bytes are kept, and how many at most. */
  readonly folder: string;
  readonly bytes: Bytes;
  readonly sources: readonly PullSource[];
}

export interface PullSource {
  /** "192.0.2.2:8181": numbers only, so that nginx has no name to look up. */
  readonly address: string;
  readonly titles: readonly PulledTitle[];
}

export interface PulledTitle {
  readonly id: string;
  /** Another one where the source or the wanted files are others: hexadecimal digits. */
  readonly version: string;
}

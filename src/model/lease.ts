// The right to one screen, for a while. Source: research, control-telemetry §4.

export interface Lease {
  readonly accountId: string;
  readonly sessionId: string;
  readonly deviceId: string;
  readonly profileId: string;
  /** Fencing number, per account: the generation of the play session that the lease was granted to. */
  readonly generation: number;
  /** By the database's clock; for people to read, never to compute with. */
  readonly grantedAtMs: number;
  /** Milliseconds that were left when the database answered; negative in its grace. */
  readonly leftMs: number;
}

/** Who holds a screen, for the viewer who finds none free. */
export type HeldScreen = Pick<Lease, "sessionId" | "deviceId" | "profileId" | "grantedAtMs"> & {
  readonly titleId: string;
};

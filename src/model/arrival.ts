// A file on its way in, uploaded piece by piece or fetched from an address, and the master that it becomes.

export type ArrivalKind = "upload" | "import";

/** Bytes come in; the whole file is looked at; it is a master now; it was refused, or did not come. */
export type ArrivalState = "receiving" | "checking" | "accepted" | "refused";

export interface Refusal {
  /** Of a fault: "film-truncated". */
  readonly code: string;
  readonly sentence: string;
}

export interface Arrival {
  /** 32 hexadecimal digits made by us: also the file's name on disk while it comes in. */
  readonly id: string;
  readonly kind: ArrivalKind;
  readonly accountId: string;
  /** Made harmless, and only shown. */
  readonly fileName: string;
  readonly titleName: string;
  /** Of the whole file; 0 while an import does not know it yet. */
  readonly bytes: number;
  /** What the sender says the whole file hashes to, lowercase hex. */
  readonly sha256: string | undefined;
  /** Where an import comes from. */
  readonly url: string | undefined;
  /** Entity tag or date by which the server of an import names this very file. */
  readonly validator: string | undefined;
  readonly state: ArrivalState;
  readonly refusal: Refusal | undefined;
  readonly masterId: string | undefined;
  readonly createdAtMs: number;
  /** When bytes last began to come, or the state last changed. */
  readonly touchedAtMs: number;
}

/** What the check found in the film. */
export interface MasterFacts {
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Frames per second as a fraction. */
  readonly frameRate: { readonly num: number; readonly den: number };
  readonly durationMs: number;
  readonly sounds: number;
  readonly subtitles: number;
  /** Why it has to be mended before it is encoded, a phrase each. */
  readonly mended: readonly string[];
  /** What of the film is not used, a phrase each. */
  readonly leftOut: readonly string[];
}

/** A film that was checked and is kept as it came. Equal films are one master. */
export interface Master {
  /** From the hash: see publish/master.ts. */
  readonly id: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Who brought it first. */
  readonly accountId: string;
  readonly fileName: string;
  readonly titleName: string;
  readonly facts: MasterFacts;
  readonly createdAtMs: number;
}

/** What an account and the disk have promised room for already. */
export interface ArrivalUsage {
  /** Arrivals of the account that are not over. */
  readonly open: number;
  /** Their bytes, counted whole. */
  readonly openBytes: number;
  /** Of the account's masters. */
  readonly storedBytes: number;
  /** Bytes of everybody's arrivals that are not over, counted whole. */
  readonly promisedBytes: number;
}

/** An order to make a title of a master. */
export interface Publication {
  readonly masterId: string;
  readonly titleName: string;
  readonly accountId: string;
  readonly encrypt: boolean;
  readonly askedAtMs: number;
}

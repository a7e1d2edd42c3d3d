/** A film that was handed in whole: what an encode starts from. */
export interface MasterFile {
  readonly id: string;
  /** As whoever handed it in named it; shown, never used as a path. */
  readonly fileName: string;
  /** Where it lies on the control plane's machine. */
  readonly path: string;
  readonly bytes: number;
  /** Lowercase hex. */
  readonly sha256: string;
}

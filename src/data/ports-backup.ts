// A copy of everything in the database, as one file.

export interface BackupFacts {
  readonly file: string;
  readonly tables: number;
  readonly rows: number;
}

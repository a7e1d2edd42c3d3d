// What a master is called: by what is in it, so that equal films are one.

/** 128 bits of the hash: two films that share them are not met by chance. */
export function masterIdOf(sha256: string): string {
  return `m-${sha256.slice(0, 32)}`;
}

// Which card of a row an arrow key means.

/** Index to move to; −1 means the key is not ours, and so does one past the end. */
export function targetOf(
  key: string,
  at: number,
  { count, rightToLeft }: { readonly count: number; readonly rightToLeft: boolean },
): number {
  switch (key) {
    case "ArrowRight":
      return at + (rightToLeft ? -1 : 1);
    case "ArrowLeft":
      return at + (rightToLeft ? 1 : -1);
    case "Home":
      return 0;
    case "End":
      return count - 1;
    default:
      return -1;
  }
}

// Quantities as short words, for sentences, tables and figures.

/** "1.25 TB": decimal, three digits at most. */
export function bytesWords(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
  const power = bytes > 0 ? Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(bytes) / 3))) : 0;
  const value = bytes / 1000 ** power;
  return value >= 999.5 && power < units.length - 1
    ? `1 ${units[power + 1]}`
    : `${short(value)} ${units[power]}`;
}

/** Three significant digits at most, without trailing zeros. What is small is never called nothing. */
export function short(value: number): string {
  const size = Math.abs(value);
  if (size > 0 && size < 0.01)
    return size < 1e-6 ? value.toExponential(1) : String(Number(value.toPrecision(2)));
  return String(Number(value.toFixed(size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2)));
}

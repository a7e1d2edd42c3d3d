// Amounts of the books in words.

/** Minor units as people write them: 1999 of EUR is "€19.99", of JPY "¥1,999". */
export function inMajor(minor: number, currency: string, locale: string): string {
  const format = new Intl.NumberFormat(locale, { style: "currency", currency });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

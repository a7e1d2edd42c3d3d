// An amount as the viewer's language writes it.

/** `minor` units of the currency: 999 EUR is "€9.99". Source: ISO 4217 has the places, which Intl knows. */
export function moneyWords(minor: number, currency: string, locale: string): string {
  const format = new Intl.NumberFormat(locale, { style: "currency", currency });
  const { maximumFractionDigits: places = 2 } = format.resolvedOptions();
  return format.format(minor / 10 ** places);
}

// Moments as they are written in an import: ISO 8601 in UTC, "2026-01-31" or "2026-01-31T18:30Z".

const pattern = /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?Z)?$/;

/** Milliseconds since 1970; undefined: not such a moment. */
export function readMoment(text: string): number | undefined {
  const match = pattern.exec(text.trim());
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const millisecond = Number((match[7] ?? "").padEnd(3, "0"));
  const days = daysFromCivil(year, month, day);
  if (writeDay(days) !== text.trim().slice(0, 10)) return undefined;
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + millisecond;
}

export function writeMoment(ms: number): string {
  const days = Math.floor(ms / 86_400_000);
  const inDay = ms - days * 86_400_000;
  if (inDay === 0) return writeDay(days);
  const [hour, minute] = [Math.floor(inDay / 3_600_000), Math.floor(inDay / 60_000) % 60];
  const [second, rest] = [Math.floor(inDay / 1000) % 60, inDay % 1000];
  const seconds =
    second === 0 && rest === 0 ? "" : `:${two(second)}${rest === 0 ? "" : `.${digits(rest, 3)}`}`;
  return `${writeDay(days)}T${two(hour)}:${two(minute)}${seconds}Z`;
}

/** Source: H. Hinnant, "chrono-compatible low-level date algorithms", days_from_civil. */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Source: the same, civil_from_days. */
function writeDay(days: number): string {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9);
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${digits(year, 4)}-${two(month)}-${two(day)}`;
}

function two(value: number): string {
  return digits(value, 2);
}

function digits(value: number, size: number): string {
  return `${value}`.padStart(size, "0");
}

// How wrong a forecast was, in the terms that matter to a cache: plays, bytes served, what would have been held, and age.

export interface ForecastRow {
  readonly sizeBytes: number;
  readonly forecast: number;
  /** What was counted on that day; undefined where nothing was. */
  readonly truth: number | undefined;
  /** Days since it could first be played. */
  readonly ageDays: number;
}

export interface ForecastErrorOrder {
  readonly rows: readonly ForecastRow[];
  /** What a cache could hold of these files. */
  readonly capacityBytes: number;
  /** Part of all bytes, in [0, 1], whose most popular files are compared. */
  readonly depth: number;
}

export interface ForecastError {
  readonly total: ErrorSums;
  /** By age on that day; they sum to the total. */
  readonly ages: readonly (ErrorSums & { readonly age: AgeBucket })[];
  /** Rows whose truth was not counted; they are in no other number. */
  readonly uncounted: number;
  readonly byteHit: {
    readonly capacityBytes: number;
    /** Part of the bytes served that a cache filled by the forecast would have served. */
    readonly forecast: number;
    /** The same, had the day been known. */
    readonly oracle: number;
  };
  /** Part of the truly most popular bytes, down to `depth`, that the forecast has among its own. */
  readonly rankOverlap: { readonly depth: number; readonly share: number };
}

export interface ErrorSums {
  readonly files: number;
  readonly forecastPlays: number;
  readonly truePlays: number;
  /** Σ|forecast − truth|, in plays and in bytes. */
  readonly missedPlays: number;
  readonly missedBytes: number;
  readonly trueBytes: number;
  /** Weighted absolute percentage error, missed ÷ true, as a share; undefined where nothing was played. */
  readonly wape: number | undefined;
  readonly wapeOfBytes: number | undefined;
  /** Forecast ÷ truth − 1: above 0 too much was expected. Undefined where nothing was played. */
  readonly bias: number | undefined;
}

export const ageBuckets = ["≤ 1 day", "≤ 7 days", "≤ 30 days", "older"] as const;
export type AgeBucket = (typeof ageBuckets)[number];

interface Counted extends ForecastRow {
  readonly truth: number;
}

/** @param order rows with sizes, forecasts and truths that are finite and not negative */
export function forecastError(order: ForecastErrorOrder): ForecastError {
  const { capacityBytes, depth } = order;
  const rows = order.rows.flatMap((row): Counted[] =>
    row.truth === undefined ? [] : [{ ...row, truth: row.truth }],
  );
  const byForecast = ranked(rows, ({ forecast }) => forecast);
  const byTruth = ranked(rows, ({ truth }) => truth);
  return {
    total: sumsOf(rows),
    ages: ageBuckets.map((age) => ({ age, ...sumsOf(rows.filter((row) => bucketOf(row.ageDays) === age)) })),
    uncounted: order.rows.length - rows.length,
    byteHit: {
      capacityBytes,
      forecast: byteHit(rows, greedily(byForecast, capacityBytes)),
      oracle: byteHit(rows, greedily(byTruth, capacityBytes)),
    },
    rankOverlap: { depth, share: overlap(byForecast, byTruth, depth) },
  };
}

export function bucketOf(ageDays: number): AgeBucket {
  if (ageDays <= 1) return "≤ 1 day";
  if (ageDays <= 7) return "≤ 7 days";
  return ageDays <= 30 ? "≤ 30 days" : "older";
}

export function errorText(error: ForecastError): string {
  const { byteHit: hit, rankOverlap, total, uncounted } = error;
  const ages = error.ages.map((age) => `  ${age.age.padEnd(9)} ${sumsText(age)}`);
  const counted = uncounted === 0 ? "" : `; ${uncounted} files were not counted that day`;
  return `${[
    `all       ${sumsText(total)}${counted}`,
    ...ages,
    `a cache of ${gigabytes(hit.capacityBytes)} GB serves ${percent(hit.forecast)} of the bytes, with the day known ${percent(hit.oracle)}`,
    `of the top ${percent(rankOverlap.depth)} of bytes, ${percent(rankOverlap.share)} were expected there`,
  ].join("\n")}\n`;
}

function sumsText(sums: ErrorSums): string {
  const { files, truePlays, forecastPlays, wape, wapeOfBytes, bias } = sums;
  const plays = `${files} files, ${Math.round(forecastPlays)} plays expected, ${Math.round(truePlays)} counted`;
  const wrong = `WAPE ${percent(wape)} of plays, ${percent(wapeOfBytes)} of bytes, bias ${percent(bias)}`;
  return `${plays}; ${wrong}`;
}

function percent(share: number | undefined): string {
  return share === undefined ? "–" : `${(100 * share).toFixed(1)} %`;
}

function gigabytes(amount: number): string {
  return (amount / 1e9).toFixed(1);
}

function sumsOf(rows: readonly Counted[]): ErrorSums {
  let [forecastPlays, truePlays, missedPlays, missedBytes, trueBytes] = [0, 0, 0, 0, 0];
  for (const { sizeBytes, forecast, truth } of rows) {
    forecastPlays += forecast;
    truePlays += truth;
    missedPlays += Math.abs(forecast - truth);
    missedBytes += Math.abs(forecast - truth) * sizeBytes;
    trueBytes += truth * sizeBytes;
  }
  return {
    files: rows.length,
    forecastPlays,
    truePlays,
    missedPlays,
    missedBytes,
    trueBytes,
    wape: truePlays > 0 ? missedPlays / truePlays : undefined,
    wapeOfBytes: trueBytes > 0 ? missedBytes / trueBytes : undefined,
    bias: truePlays > 0 ? forecastPlays / truePlays - 1 : undefined,
  };
}

/** Most first; equal ones in the order they came. */
function ranked(rows: readonly Counted[], score: (row: Counted) => number): readonly Counted[] {
  return rows.toSorted((a, b) => score(b) - score(a));
}

/** What fits, in that order; one that does not is passed over. */
function greedily(rows: readonly Counted[], capacityBytes: number): ReadonlySet<Counted> {
  let left = capacityBytes;
  const taken = new Set<Counted>();
  for (const row of rows) {
    if (row.sizeBytes > left) continue;
    left -= row.sizeBytes;
    taken.add(row);
  }
  return taken;
}

function byteHit(rows: readonly Counted[], held: ReadonlySet<Counted>): number {
  let [served, asked] = [0, 0];
  for (const row of rows) {
    asked += row.truth * row.sizeBytes;
    if (held.has(row)) served += row.truth * row.sizeBytes;
  }
  return asked > 0 ? served / asked : 1;
}

function overlap(byForecast: readonly Counted[], byTruth: readonly Counted[], depth: number): number {
  const all = byTruth.reduce((sum, row) => sum + row.sizeBytes, 0);
  const expected = greedily(byForecast, depth * all);
  const [truly, found] = [[...greedily(byTruth, depth * all)], expected];
  const bytes = truly.reduce((sum, row) => sum + row.sizeBytes, 0);
  const shared = truly.reduce((sum, row) => sum + (found.has(row) ? row.sizeBytes : 0), 0);
  return bytes > 0 ? shared / bytes : 1;
}

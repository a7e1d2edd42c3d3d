// Claim: a night's fill fits the night, at nearly no byte-hit, and a server that comes or goes moves little but its share.
// Plays are made up (churn-replay.ts); forecasts and plans are the ones that control makes.
import { defaultsOf } from "#config/setting.ts";
import { placeSettings } from "#place/settings.ts";
import type { BenchResult } from "./bench.ts";
import { cachePart, forecastOf, predictors, replayCache } from "./churn-cache.ts";
import { type ClusterRun, changeRows, clusterRows, crossingRow, runCluster } from "./churn-nights.ts";
import { type ReplayOrder, replay } from "./churn-replay.ts";

export const parts = ["cache", "cluster"];

type Row = Record<string, string | number>;

/** Days before the first night that counts, from which its forecast is made. */
const warmUpDays = 14;

const full: ReplayOrder & { readonly nights: number } = {
  files: 40_000,
  newPerDay: 40,
  nights: 30,
  days: 0,
  playsPerFile: 10,
  seed: 1,
};

export async function bench(quick: boolean, wanted: readonly string[]): Promise<BenchResult> {
  const size = quick ? { ...full, files: 12_000, newPerDay: 12, nights: 22 } : full;
  const made = replay({ ...size, days: warmUpDays + 1 + size.nights });
  const isWanted = (part: string): boolean => wanted.length === 0 || wanted.includes(part);
  const rows: Row[] = [];
  const notes: string[] = [];
  if (isWanted("cache")) {
    rows.push(...cacheRows(made, size.nights));
    notes.push(
      `cache: one of ${100 * cachePart} % of the bytes. The research's own replay of the like had 82.27 % and 1.83 % a day for EWMA 3 d with a bonus of 0.25.`,
    );
  }
  if (isWanted("cluster")) {
    const found = cluster(made, size.nights);
    rows.push(...found.rows);
    notes.push(...found.notes);
  }
  if (quick)
    notes.push("--quick has so few files that one is a large part of a flash box: judge by the full run.");
  return {
    claim: "byte-hit, and bytes fetched per night in percent of a box's storage",
    rows,
    text: textOf(rows),
    notes,
  };
}

function cacheRows(made: ReturnType<typeof replay>, nights: number): Row[] {
  return Object.entries(predictors).flatMap(([predictor, predict]) => {
    const forecasts = Array.from({ length: nights + 1 }, (_, night) => predict(made, warmUpDays + night));
    return [0, 0.25, 0.5].map((bonus) => {
      const found = replayCache(made, forecasts, warmUpDays, bonus);
      return {
        what: `cache, ${predictor}, held bonus ${bonus}`,
        byteHitPercent: found.byteHitPercent.toFixed(2),
        fillPercentPerDay: found.fillPercentPerDay.toFixed(2),
      };
    });
  });
}

function cluster(made: ReturnType<typeof replay>, nights: number): { rows: Row[]; notes: string[] } {
  const forecasts = Array.from({ length: nights + 1 }, (_, night) => forecastOf(made, warmUpDays + night));
  const order = { replay: made, forecasts, firstDay: warmUpDays };
  const settings = defaultsOf(placeSettings);
  const calm: ClusterRun = runCluster(order, settings);
  const restless = runCluster(order, {
    ...settings,
    heldBonusPercent: 0,
    bandMarginPercent: 0,
    cutoffHoldPercent: 0,
  });
  return {
    rows: [...clusterRows(calm, restless), ...changeRows(calm), crossingRow(restless)],
    notes: [
      "cluster: B, 4 × (200 TB, 40 Gbit/s) and 4 × (18 TB, 100 Gbit/s), a quarter of the catalogue; night 10 adds a storage box, night 20 loses one; both nights are left out of the daily fill.",
      "planned: what the plans ask for. fetched in budget: no night brings more than 1.2 Gbit/s carry in 12 h to a storage box (6.48 TB, 3.24 %) and 0.3 Gbit/s to a flash box (1.62 TB, 9 %); what waits is fetched the next nights. On ordinary nights nothing waits; for days after a box came or died what its room lets in or takes away does, and all but a little of the loss of all nights is that, against plans that are carried out at once.",
      "a server that comes or goes: ratio is to leastTB, what must move for the weights that meet both equations with the new servers; ofShare is to what the server holds of the files that stay. They differ when the cutoff moves: the flash boxes hold the densest bytes that fill them, so with one more of them as many bytes again leave the storage boxes for all flash boxes. The cheaper way, to give these to the new box alone, would leave it with the least played of them and relieve nobody.",
      "ofFresh: effective capacity of a plan with a past over that of a plan of the same night without one.",
    ],
  };
}

/** One line a row: what, its figures, and whether a bar is met. */
function textOf(rows: readonly Row[]): string {
  return rows
    .map(({ what = "", ...figures }) => {
      const said = Object.entries(figures).map(([name, value]) => `${name} ${value}`);
      return `${`${what}`.padEnd(44)} ${said.join("   ")}`;
    })
    .join("\n");
}

// Claim: plays begin and go on while ten times as many prefetches and beacons come as the server can take plays and beats.
import { requestText } from "#test/fixtures/http-load.ts";
import {
  beaconOf,
  beatRequests,
  loadFrom,
  openPlays,
  openRig,
  playRequests,
  type Rig,
} from "./playstart-rig.ts";
import { begun, byStatus, type Row, told } from "./playstart-words.ts";

const viewers = 512;
const bar = "99.9 %";

/** Plays and beats at a fifth of what is reached together, alone and beside ten times as many of what matters least. */
export async function flood(quick: boolean): Promise<readonly Row[]> {
  const rig = await openRig("", viewers);
  try {
    const seconds = quick ? 5 : 15;
    const [starting, going] = [rig.cookies.slice(0, viewers / 2), rig.cookies.slice(viewers / 2, -1)];
    const plays = playRequests({ cookies: starting });
    const beats = beatRequests(await openPlays(rig, going));
    const order = { port: rig.controlPort, connections: 64, seconds };
    await loadFrom({ ...order, requests: plays, seconds: 4 });
    const most = (await loadFrom({ ...order, requests: plays, seconds: 4 })).perSecond;
    const paced = { ...order, perSecond: most / 10 };
    const both = (): Promise<readonly Awaited<ReturnType<typeof loadFrom>>[]> =>
      Promise.all([loadFrom({ ...paced, requests: plays }), loadFrom({ ...paced, requests: beats })]);
    const alone = await both();
    const requests = await floodRequests(rig);
    const bulk = { ...order, connections: 256, requests, seconds: seconds + 2, perSecond: (10 * most) / 5 };
    const [beside, sent] = await Promise.all([both(), loadFrom(bulk)]);
    return ["play starts", "beats"]
      .flatMap((what, at): Row[] => {
        const [calm, flooded] = [alone[at], beside[at]];
        if (calm === undefined || flooded === undefined) return [];
        const share = begun(flooded.statuses);
        return [
          { what: `${what} alone`, ...told(calm), succeeded: begun(calm.statuses) },
          { what: `${what} in the flood`, ...told(flooded), bar, succeeded: share },
        ];
      })
      .concat([{ what: `the flood (prefetch, telemetry): ${byStatus(sent.statuses)}`, ...told(sent) }]);
  } finally {
    await rig.stop();
  }
}

/** Prefetches, and telemetry with a token that is altered and one that holds. */
async function floodRequests(rig: Rig): Promise<readonly string[]> {
  const [cookie = ""] = rig.cookies.slice(-1);
  const [play] = await openPlays(rig, [cookie]);
  if (play === undefined) return [];
  const telemetry = (sessionToken: string): string =>
    requestText({
      method: "POST",
      path: "/v1/telemetry",
      body: { sessionToken, events: [beaconOf(play)] },
    });
  const prefetch = requestText({
    method: "POST",
    path: "/v1/prefetch",
    headers: { cookie },
    body: { titleId: "film" },
  });
  return [telemetry(play.sessionToken), prefetch, telemetry(`${play.sessionToken}x`), prefetch];
}

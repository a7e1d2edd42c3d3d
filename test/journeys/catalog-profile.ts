// Stores in which one account's profile is as a test says, moment by moment.
import type { Stores, Viewer } from "#data/ports.ts";

export interface SaidProfile {
  readonly maturity: () => number;
  readonly language: () => string;
}

export function withProfile(all: Stores, email: string, { maturity, language }: SaidProfile): Stores {
  const asSaid = (found: Viewer): Viewer =>
    found.email !== email
      ? found
      : Object.defineProperties(
          { ...found },
          {
            maturity: { enumerable: true, get: maturity },
            language: { enumerable: true, get: language },
          },
        );
  const open: Stores["devices"]["open"] = async (order) => {
    const opened = await all.devices.open(order);
    return opened.kind === "opened" ? { ...opened, viewer: asSaid(opened.viewer) } : opened;
  };
  const known: Stores["devices"]["viewer"] = async (deviceId, nowMs) => {
    const found = await all.devices.viewer(deviceId, nowMs);
    return found === undefined ? undefined : asSaid(found);
  };
  const refresh: Stores["devices"]["refresh"] = async (order) => {
    const outcome = await all.devices.refresh(order);
    return "viewer" in outcome ? { ...outcome, viewer: asSaid(outcome.viewer) } : outcome;
  };
  return { ...all, devices: { ...all.devices, open, viewer: known, refresh } };
}

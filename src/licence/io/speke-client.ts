// Asks a key provider for a title's keys by SPEKE 2.0: one POST of a CPIX document, one back. Source: SPEKE API v2, headers and
// standard payload components.
import { randomBytes } from "node:crypto";
import type { Values } from "#config/setting.ts";
import { cpixRequest, keyOrder, readProviderKeys } from "#licence/cpix.ts";
import { licenceFaults } from "#licence/faults.ts";
import type { licenceSettings } from "#licence/settings.ts";
import type { ContentKey } from "#model/content-key.ts";
import type { SystemName } from "#model/key-system.ts";
import { Fault } from "#units/fault.ts";
import { bounded } from "./bounded.ts";

type SpekeSettings = Pick<
  Values<typeof licenceSettings>,
  "spekeUrl" | "licenceProviderToken" | "licenceDeadlineMs" | "widevineUrl" | "playreadyUrl" | "fairplayUrl"
>;

const version = "2.0";
const mostBytes = 1024 * 1024;

/** A key for every label, each with what the systems want to be signalled of it. @throws Fault licence-provider-*, provider-keys-unfit */
export async function keysFromProvider(
  titleId: string,
  settings: SpekeSettings,
  signal?: AbortSignal,
): Promise<readonly ContentKey[]> {
  const { spekeUrl: url, licenceProviderToken: token, licenceDeadlineMs: deadlineMs } = settings;
  if (url === "")
    throw new Fault(licenceFaults.providerOff, { system: "keys", setting: "MILLRACE_SPEKE_URL" });
  // A kid is 16 random bytes: the provider may derive its key from it, and never sees it twice.
  const order = keyOrder(titleId, systemsOf(settings), () => randomBytes(16).toString("hex"));
  const { status, headers, body } = await bounded({
    ...{ url, token, deadlineMs, mostBytes, body: cpixRequest(order), signal },
    headers: { "content-type": "application/xml", "x-speke-version": version },
  });
  if (status !== 200) throw new Fault(licenceFaults.providerFailed, { because: `status ${status}` });
  const spoken = headers.get("x-speke-version");
  if (spoken !== version) {
    const because = `wanted X-Speke-Version ${version}, found ${spoken === null ? "none" : "another"}`;
    throw new Fault(licenceFaults.providerFailed, { because });
  }
  const found = readProviderKeys(order, body.toString("utf8"));
  if (found.kind === "unfit") throw new Fault(licenceFaults.keysUnfit, { titleId, because: found.because });
  return found.keys;
}

function systemsOf({ widevineUrl, playreadyUrl, fairplayUrl }: SpekeSettings): readonly SystemName[] {
  const urls = { widevine: widevineUrl, playready: playreadyUrl, fairplay: fairplayUrl };
  return (["widevine", "playready", "fairplay"] as const).filter((system) => urls[system] !== "");
}

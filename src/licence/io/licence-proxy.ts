// A challenge of another key system, on its way to whoever issues its licences. Deadline and sizes are bounded; what the provider
// says when it refuses is not passed on.
import type { Values } from "#config/setting.ts";
import { licenceFaults } from "#licence/faults.ts";
import { licenceSettings } from "#licence/settings.ts";
import { Fault } from "#units/fault.ts";
import { bounded } from "./bounded.ts";

export type OtherSystem = "widevine" | "playready" | "fairplay";

type ProxySettings = Pick<
  Values<typeof licenceSettings>,
  "widevineUrl" | "playreadyUrl" | "fairplayUrl" | "licenceProviderToken" | "licenceDeadlineMs" | "licenceKib"
>;

/** What we have checked, and the provider has to keep to. */
export interface LicenceRights {
  readonly titleId: string;
  readonly sessionId: string;
  /** Lowercase hex: the keys that the licence may hold. */
  readonly kids: readonly string[];
  /** The licence must not last longer. */
  readonly endsAtMs: number;
}

export interface ProviderOrder {
  readonly system: OtherSystem;
  readonly settings: ProxySettings;
  readonly challenge: Uint8Array;
  readonly rights: LicenceRights;
}

/** @throws Fault licence-provider-off, licence-provider-failed, licence-provider-slow */
export async function askProvider({ system, settings, challenge, rights }: ProviderOrder): Promise<Buffer> {
  const key = `${system}Url` as const;
  const url = settings[key];
  if (url === "") {
    throw new Fault(licenceFaults.providerOff, { system, setting: licenceSettings[key].name });
  }
  const { status, body } = await bounded({
    url,
    headers: {
      "content-type": "application/octet-stream",
      "x-millrace-rights": Buffer.from(JSON.stringify(rights)).toString("base64url"),
    },
    body: challenge,
    token: settings.licenceProviderToken,
    deadlineMs: settings.licenceDeadlineMs,
    mostBytes: settings.licenceKib * 1024,
  });
  if (status !== 200) throw new Fault(licenceFaults.providerFailed, { because: `status ${status}` });
  return body;
}

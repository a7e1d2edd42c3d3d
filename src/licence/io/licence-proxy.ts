// A challenge of another key system, on its way to whoever issues its licences. Deadline and sizes are bounded; what the provider
// says when it refuses is not passed on.
import type { Values } from "#config/setting.ts";
import { licenceFaults } from "#licence/faults.ts";
import type { ChallengeOrder } from "#licence/ports.ts";
import { licenceSettings } from "#licence/settings.ts";
import { Fault } from "#units/fault.ts";
import { bounded } from "./bounded.ts";

type ProxySettings = Pick<
  Values<typeof licenceSettings>,
  "widevineUrl" | "playreadyUrl" | "fairplayUrl" | "licenceProviderToken" | "licenceDeadlineMs" | "licenceKib"
>;

/** @throws Fault licence-provider-off, licence-provider-failed, licence-provider-slow */
export async function askProvider(
  settings: ProxySettings,
  { system, challenge, rights }: ChallengeOrder,
): Promise<Buffer> {
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

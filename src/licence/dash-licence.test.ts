import assert from "node:assert/strict";
import { test } from "node:test";
import { contentProtection } from "#pack/protection.ts";
import { element, xmlText } from "#pack/xml.ts";
import { withLicenceAddress } from "./dash-licence.ts";

const kid = "ab".repeat(16);
const manifest = (licenceUrl: string | undefined): string =>
  xmlText(
    element(
      "MPD",
      [],
      [
        element("Representation", [["id", "v360-1"]], contentProtection({ kid, licenceUrl })),
        element("Representation", [["id", "audio"]], contentProtection({ kid, licenceUrl })),
      ],
    ),
  );
const url = "https://control.example/v1/licence/clearkey?token=p1~s&b=1";

test("[LI15] each ClearKey element names the licence address, whether it named another or none; the rest stays", () => {
  for (const before of [manifest(undefined), manifest("/elsewhere")]) {
    const after = withLicenceAddress(before, url);
    const addresses = [...after.matchAll(/<dashif:Laurl xmlns:dashif="https:\/\/dashif.org\/CPS">([^<]*)</g)];
    const wanted = url.replace("&", "&amp;");
    assert.deepEqual(
      addresses.map(([, found]) => found),
      [wanted, wanted],
    );
    const bare = (text: string): string =>
      text.replaceAll(
        /<ContentProtection[^>]*e2719d58[\s\S]*?(\/>\n|<\/ContentProtection>\n)/g,
        "<ClearKey>",
      );
    assert.equal(bare(after), bare(before));
    assert.equal(withLicenceAddress(after, url), after);
  }
});

test("[LI15] a clear manifest stays as it is", () => {
  const clear = xmlText(element("MPD", [], [element("Representation", [["id", "v360-1"]])]));
  assert.equal(withLicenceAddress(clear, url), clear);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { deviceName } from "./device-name.ts";
import { type Letter, letterText } from "./letter.ts";
import { type Holder, mayProfile, profileLanguage, profileName } from "./profile.ts";

test("[AC14] a name has 1 to 40 characters and none that controls; a language is a BCP 47 tag in its canonical writing", () => {
  const name = (text: string): string => {
    const verdict = profileName(text);
    return verdict.kind === "accepted" ? verdict.value : verdict.because;
  };
  assert.equal(name("  Åda  "), "Åda");
  assert.equal(name("🎬".repeat(40)), "🎬".repeat(40));
  assert.equal(name("🎬".repeat(41)), "a name has 1 to 40 characters, found 41");
  assert.equal(name(" \n "), "a name has 1 to 40 characters, found 0");
  for (const text of ["a\u0000b", "a\nb", "a\u202eb", "a\u2067b"]) {
    assert.equal(name(text), "a name has no control characters");
  }
  assert.deepEqual(profileLanguage("pt-br"), { kind: "accepted", value: "pt-BR" });
  assert.deepEqual(profileLanguage("zh-hant-tw"), { kind: "accepted", value: "zh-Hant-TW" });
  for (const text of ["", "english please", "e", "<b>", "en_US"]) {
    assert.equal(profileLanguage(text).kind, "refused", text);
  }
});

const grown: Holder = { id: "main", maturity: 18, isHeld: false };
const free: Holder = { id: "kid", maturity: 7, isHeld: false };
const held: Holder = { ...free, isHeld: true };
const none = { maturity: undefined, changesPin: false };

test("[AC15] the main profile is never removed and never a child's", () => {
  const main = { main: true };
  assert.equal(mayProfile(grown, { kind: "remove", profileId: "main" }, main).kind, "refused");
  assert.equal(
    mayProfile(grown, { kind: "change", profileId: "main", maturity: 12, changesPin: false }, main).kind,
    "refused",
  );
  const same = { kind: "change", profileId: "main", maturity: 18, changesPin: true } as const;
  assert.equal(mayProfile(grown, same, main).kind, "granted");
});

test("[AC16] a child's profile raises itself never, and where it has a PIN nothing is left or changed without it", () => {
  const other = { main: false };
  const raise = { kind: "change", profileId: "kid", maturity: 12, changesPin: false } as const;
  for (const holder of [free, held]) {
    assert.equal(mayProfile(holder, raise, other).kind, "refused");
    assert.equal(mayProfile(holder, { kind: "use", profileId: "kid" }, other).kind, "granted");
    const rename = { kind: "change", profileId: "kid", ...none } as const;
    assert.equal(mayProfile(holder, rename, other).kind, "granted");
  }
  const grave = [
    { kind: "use", profileId: "main" },
    { kind: "create" },
    { kind: "remove", profileId: "kid" },
    { kind: "change", profileId: "kid", maturity: undefined, changesPin: true },
    { kind: "change", profileId: "kid", maturity: 6, changesPin: false },
    { kind: "change", profileId: "sister", ...none },
  ] as const;
  for (const wish of grave) {
    assert.equal(mayProfile(held, wish, other).kind, "pin-wanted", JSON.stringify(wish));
    assert.equal(mayProfile(free, wish, other).kind, "granted", JSON.stringify(wish));
    assert.equal(mayProfile(grown, wish, other).kind, "granted", JSON.stringify(wish));
  }
});

test("[AC17] a device's name is readable, and made of our own words whatever a browser says", () => {
  const said: Readonly<Record<string, string>> = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0": "Firefox on Linux",
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/128.0 Safari/537.36 Edg/128.0":
      "Edge on Windows",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1":
      "Safari on iPhone",
    "Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) AppleWebKit/537.36 SamsungBrowser/4.0 TV Safari/537.36":
      "Samsung Internet on Samsung TV",
    "Roku/DVP-12.0": "Roku",
    "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/128.0 Safari/537.36": "Chrome on Linux",
    "curl/8": "Unknown device",
  };
  for (const [agent, name] of Object.entries(said)) assert.equal(deviceName(agent), name);
  assert.equal(deviceName(undefined), "Unknown device");
  const anything = fc.property(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string().map((text) => `${text} Chrome/1 <script> Windows`),
    ),
    (agent) => assert.match(deviceName(agent), /^[A-Za-z ]{2,40}$/),
  );
  fc.assert(anything, { seed: 17, numRuns: 200 });
});

test("[AC18] a letter is plain text; its link begins with the operator's address and has its secret behind the #", () => {
  const token = "T".repeat(43);
  const letters: readonly Letter[] = [
    { kind: "confirm-sign-up", token, hours: 24 },
    { kind: "reset", token, minutes: 30 },
    { kind: "confirm-email", token, hours: 24 },
    { kind: "account-there" },
    { kind: "password-changed" },
    { kind: "email-changed" },
    { kind: "device-ended", device: "Firefox on Linux" },
    { kind: "erased" },
  ];
  for (const letter of letters) {
    const { subject, text } = letterText(letter, "https://films.example.org");
    assert.match(subject, /^[A-Z][A-Za-z ]+$/);
    assert.doesNotMatch(text, /[<>]|\r/);
    const links = [...text.matchAll(/https?:\/\/[^\s,]+/g)].map(([link]) => new URL(link));
    for (const link of links) assert.equal(link.origin, "https://films.example.org");
    const secret = links.filter((link) => link.hash !== "");
    assert.equal(secret.length, "token" in letter ? 1 : 0, letter.kind);
    for (const link of secret) assert.equal(link.hash, `#${token}`);
    assert.equal(text.split(token).length - 1, secret.length);
  }
});

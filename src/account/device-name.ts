// A device's name from what its browser says of itself. Only words of these tables come out, so that nothing a stranger
// sends stands in a page or a mail.

/** The first that fits wins: Edge and Opera also say Chrome, and Chrome also says Safari. */
const programs: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bEdgA?\//, "Edge"],
  [/\b(OPR|Opera)\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Headless)?(Chrome|CriOS|Chromium)\//, "Chrome"],
  [/\bAppleTV/, "App"],
  [/\bSafari\//, "Safari"],
  [/\bokhttp\/|\bDalvik\/|\bCFNetwork\//, "App"],
];

const systems: readonly (readonly [pattern: RegExp, name: string])[] = [
  [/\bAppleTV|\btvOS\b/, "Apple TV"],
  [/\bRoku\b/, "Roku"],
  [/\bAFT\w+\b|\bFire TV\b/, "Fire TV"],
  [/\bTizen\b/, "Samsung TV"],
  [/\bweb0s\b|\bWebOS\b/i, "LG TV"],
  [/\bAndroid TV\b|\bBRAVIA\b|\bGoogleTV\b|\bCrKey\b/, "Android TV"],
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\bWindows\b/, "Windows"],
  [/\bMac OS X\b|\bMacintosh\b/, "Mac"],
  [/\bLinux\b|\bX11\b/, "Linux"],
];

/** What is looked at: a header may be long. */
const longestHeader = 512;

/** "Firefox on Linux", "Roku", "Unknown device". */
export function deviceName(userAgent: string | undefined): string {
  const said = (userAgent ?? "").slice(0, longestHeader);
  const named = (rows: typeof programs): string | undefined => rows.find(([shape]) => shape.test(said))?.[1];
  const [program, system] = [named(programs), named(systems)];
  if (program !== undefined && system !== undefined) return `${program} on ${system}`;
  return program ?? system ?? "Unknown device";
}

// What a control plane of fixtures answers to the viewer's pages: a series, a search, a household, plans. Each answer is parsed by its
// schema, so that a fixture that no longer fits fails the test.
import { devices, profile, profiles } from "#wire/account.ts";
import { invoices, plans, subscription } from "#wire/billing.ts";
import type { TitlePage } from "#wire/catalog.ts";
import { searchAnswer, titlePage } from "#wire/catalog.ts";
import { screensAnswer } from "#wire/screens.ts";
import type { Me, TitleCard } from "#wire/viewer.ts";
import { me } from "#wire/viewer.ts";
import { home, operator } from "./pages-fixtures.ts";

export interface Household {
  profiles: { id: string; name: string; main: boolean; maturity: number; language: string; pin: string }[];
  inUse: string;
}

/** One grown-up, as most households begin; `withChild` adds another profile. */
export function household(): Household {
  const main = { id: "p1", name: "Olga", main: true, maturity: 18, language: "en", pin: "" };
  return { profiles: [main], inUse: "p1" };
}

export interface ViewerRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

export type ViewerAnswer =
  | { readonly kind: "answer"; readonly value: unknown }
  | { readonly kind: "done"; readonly status: 202 | 204 }
  | { readonly kind: "refused"; readonly status: number; readonly code: string; readonly message: string };

const answer = (value: unknown): ViewerAnswer => ({ kind: "answer", value });

/** For anybody. */
export function strangerAnswer({ method, path }: ViewerRequest): ViewerAnswer | undefined {
  if (method !== "POST") return undefined;
  if (path === "/v1/sign-up" || path === "/v1/password-reset") return { kind: "done", status: 202 };
  const over = "This link was used, has ended, or never was. Ask for another one.";
  if (path === "/v1/password-reset/confirm" || path === "/v1/sign-up/confirm")
    return { kind: "refused", status: 400, code: "link-over", message: over };
  return path === "/v1/email/confirm" ? { kind: "done", status: 204 } : undefined;
}

/** For who is signed in; undefined: another part answers. */
export function viewerAnswer(house: Household, request: ViewerRequest): ViewerAnswer | undefined {
  const { method, path, query } = request;
  if (path.startsWith("/v1/profiles")) return profilesAnswer(house, request);
  if (method === "POST" && path === "/v1/prefetch")
    return { kind: "answer", value: ahead(JSON.parse(request.body).titleId) };
  if (method === "POST" && path === "/v1/subscription")
    return answer(subscription.parse({ ...unsold, status: "trial", terms: terms("home"), hasMethod: true }));
  if (method !== "GET") return undefined;
  if (path === "/v1/me") return answer(me.parse(meIn(house)));
  if (path === "/v1/search") return found(query.get("q") ?? "");
  if (path.startsWith("/v1/titles/")) return titleAnswer(path.slice("/v1/titles/".length));
  const documents: Readonly<Record<string, unknown>> = {
    "/v1/devices": devices.parse(signedInDevices),
    "/v1/screens": screensAnswer.parse(held),
    "/v1/plans": plans.parse({ plans: [plan("home", 2, 1080), plan("cinema", 4, 2160)] }),
    "/v1/subscription": subscription.parse(unsold),
    "/v1/invoices": invoices.parse({ invoices: [paid] }),
  };
  const value = documents[path];
  return value === undefined ? undefined : answer(value);
}

function meIn({ profiles: all, inUse }: Household): Me {
  const own = all.find(({ id }) => id === inUse);
  return { ...operator, profileId: inUse, profileName: own?.name ?? "" };
}

function shown(house: Household) {
  return house.profiles.map(({ pin, ...one }) =>
    profile.parse({ ...one, hasPin: pin !== "", inUse: one.id === house.inUse }),
  );
}

function profilesAnswer(house: Household, { method, path, body }: ViewerRequest): ViewerAnswer | undefined {
  const [id = "", use] = path.split("/").slice(3);
  const said = body === "" ? {} : JSON.parse(body);
  if (method === "GET") return answer(profiles.parse({ profiles: shown(house), most: 5 }));
  if (method === "POST" && id === "") {
    const made = `p${house.profiles.length + 1}`;
    const { name, maturity = 18, language = "en", newPin: pin = "" } = said;
    house.profiles.push({ ...{ id: made, name, maturity, language, pin }, main: false });
    return answer(shown(house).at(-1));
  }
  const own = house.profiles.find((one) => one.id === house.inUse);
  if (own !== undefined && own.pin !== "" && (own.id !== id || method === "DELETE") && said.pin !== own.pin) {
    const [code, message] =
      said.pin === undefined
        ? ["pin-wanted", "The profile in use is a child's: send its PIN."]
        : ["pin-wrong", "This is not the PIN of the profile in use."];
    return { kind: "refused", status: 403, code, message };
  }
  if (method === "POST" && use === "use") {
    house.inUse = id;
    return { kind: "done", status: 204 };
  }
  if (method === "DELETE") {
    house.profiles = house.profiles.filter((one) => one.id !== id);
    return { kind: "done", status: 204 };
  }
  const changed = house.profiles.find((one) => one.id === id);
  if (method !== "PATCH" || changed === undefined) return undefined;
  const { newPin, pin: _, ...rest } = said;
  Object.assign(changed, rest, newPin === undefined ? {} : { pin: newPin ?? "" });
  return answer(shown(house).find((one) => one.id === id));
}

/** Of a look ahead the pages read the storyboard's address alone; the rest is as small as it may be. */
function ahead(titleId: string) {
  return {
    ...{ titleId, durationMs: 48_000, expiresAtMs: Date.now() + 10_000, prefix: "/posters/" },
    manifests: [{ sourceId: "origin", dash: "/d", hls: "/h" }],
    ...{ sources: {}, sidecarUrls: ["/s"], storyboardUrl: "/posters/storyboard.vtt", resume: null },
    steering: { address: "192.0.2.1", ranked: [], eliminated: [] },
  };
}

function found(query: string): ViewerAnswer {
  const words = query.trim().toLowerCase();
  if (words.length < 2) {
    const message = "Two letters are searched for at least (one, where a letter is a word).";
    return { kind: "refused", status: 400, code: "search-too-short", message };
  }
  const cards = new Map(home.rows.flatMap(({ items }) => items.map((item) => [item.id, item] as const)));
  const hits = [...cards.values()]
    .filter(({ name }) => name.toLowerCase().includes(words))
    .map(({ id, name }) => ({
      ...{ id, kind: "film", name, originalName: name, year: 2024, genres: [], maturity: 6, titleId: id },
      pictures: [],
      match: { field: "name", text: name, tier: "name-begins", mistakes: 0 },
    }));
  return answer(searchAnswer.parse({ query, hits, degraded: false }));
}

function titleAnswer(id: string): ViewerAnswer | undefined {
  if (id === "ice-t" || id === "harbour") return answer(titlePage.parse(ice));
  if (id === "bell-t") return answer(titlePage.parse({ ...ice, id, name: "The bell", work: null }));
  if (id === "grown-up")
    return {
      kind: "refused",
      status: 404,
      code: "unknown-title",
      message: "There is no title grown-up here.",
    };
  return undefined;
}

const bare: Omit<TitleCard, "id" | "name"> = {
  ...{ durationMs: 2_460_000, posterUrl: "/posters/2.svg", height: 1080, shots: 40, rungs: 5 },
  ...{ bitsSavedPercent: 21.5, resume: null },
};

function episode(id: string, number: number, name: string) {
  const synopsis = `${name}: the harbour freezes over, and nobody says who rang the bell.`;
  return { id, titleId: `${id}-t`, number, name, synopsis, durationMs: 2_460_000 };
}

/** The page of a series's first episode: everything that a page may say is there. */
const ice: TitlePage = {
  ...bare,
  ...{ id: "ice-t", name: "Harbour · S1 E1 · Ice" },
  audio: [
    { language: "en", name: "English" },
    { language: "ar", name: "العربية" },
  ],
  subtitles: [
    { language: "en", name: "English", isForced: false },
    { language: "ar", name: "العربية", isForced: true },
  ],
  work: {
    ...{ id: "ice", kind: "episode", originalName: "Ice", year: 2021, genres: ["Drama", "Crime"] },
    synopsis: "The harbour freezes over. A ship that left forty years ago rings its bell outside the ice.",
    people: [
      { name: "Ada North", job: "director", role: null },
      { name: "Nour Haddad", job: "cast", role: "Captain Leila" },
      { name: "Jonas Berg", job: "cast", role: null },
    ],
    ...{ maturity: 12, ratings: ["FSK 12"], pictures: [], untilMs: Date.UTC(2030, 4, 1) },
    series: {
      ...{ id: "harbour", name: "Harbour" },
      seasons: [
        {
          ...{ number: 1, name: "Winter" },
          episodes: [
            episode("ice", 1, "Ice"),
            {
              ...episode("bell", 2, "The bell"),
              resume: { titleId: "bell-t", positionMs: 754_000, durationMs: 2_460_000 },
            },
          ],
        },
        { number: 2, name: "", episodes: [episode("fog", 1, "Fog")] },
      ],
    },
    ...{ season: 1, episode: 1, next: { titleId: "bell-t", name: "The bell", season: 1, episode: 2 } },
  },
};

const moment = Date.UTC(2026, 10, 1, 12);
const device = (id: string, name: string, current: boolean) => ({
  ...{ id, name, current, openedAtMs: moment, seenAtMs: moment, endsAtMs: moment + 1e9 },
});
const signedInDevices = {
  devices: [device("d1", "Chromium on Linux", true), device("d2", "Living room", false)],
};
const held = {
  screens: 2,
  held: [
    {
      ...{ sessionId: "s-1", own: false, deviceName: "Living room", profileName: "Olga" },
      ...{ titleId: "lakeside", titleName: "Lakeside", sinceMs: moment },
    },
  ],
};

function terms(planId: string) {
  const name = planId === "home" ? "Home" : "Cinema";
  return {
    ...{ planId, version: 1, name, screens: planId === "home" ? 2 : 4, maxHeight: 1080, priceMinor: 799 },
    ...{ currency: "EUR", period: "month" as const },
  };
}

function plan(planId: string, screens: number, maxHeight: number) {
  return { ...terms(planId), screens, maxHeight, trialDays: planId === "home" ? 14 : 0 };
}

const unsold = {
  ...{ status: "none" as const, terms: null, next: null, startMs: null, endMs: null },
  ...{ cancelsAtEnd: false, hasMethod: false, creditMinor: 0, payment: null },
};

const paid = {
  ...{ id: "i1", purpose: "period", planName: "Home", startMs: moment, endMs: moment, issuedAtMs: moment },
  ...{ currency: "EUR", grossMinor: 799, taxMinor: 128, creditMinor: 0, refundedMinor: 0, status: "paid" },
};

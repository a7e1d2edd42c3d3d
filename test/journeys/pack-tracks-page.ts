// The page of a package as a viewer would have it, with a film that describes it.

import { viewOf } from "#catalog/view.ts";
import { defaultsOf } from "#config/setting.ts";
import { catalogueOf } from "#control/catalogue.ts";
import { controlSettings } from "#control/settings.ts";
import { nothingPopular } from "#control/taste.ts";
import { titlePageOf } from "#control/title-page.ts";
import { unsold } from "#model/entitlement.ts";
import type { TitlePackage } from "#model/package.ts";
import { memoryStores } from "#test/fixtures/memory-stores.ts";
import { film } from "#test/fixtures/small-works.ts";
import type { TitlePage } from "#wire/catalog.ts";

export async function pageOf(title: TitlePackage): Promise<TitlePage | undefined> {
  const stored = { id: title.titleId, name: "Many", package: title, report: null, publishedAtMs: 1 };
  const catalogue = catalogueOf([stored]);
  const account = { profileId: "p", maturity: 18, language: "en" };
  const stores = memoryStores();
  const settings = defaultsOf(controlSettings);
  return titlePageOf(
    {
      ...{ ports: { stores, settings }, catalogue, viewpoints: [], posterUrl: () => "" },
      ...{ taste: undefined, popular: nothingPopular, nearby: undefined, genres: new Map() },
      pictures: () => [],
      account: {
        ...account,
        id: "a",
        email: "",
        passwordHash: "",
        role: "viewer",
        profileName: "",
        entitlement: unsold,
      },
    },
    {
      account,
      view: viewOf(1, [film("many-film", { titleId: title.titleId })]),
      settings,
      nowMs: 1,
      catalogue,
    },
    title.titleId,
  );
}

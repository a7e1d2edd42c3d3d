// The pages by their addresses. What most people never open is fetched only when it is opened.
import type { RouterHistory } from "@tanstack/react-router";
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { App, PageTrouble, Shell } from "#web/app/app.tsx";
import { HomePage } from "#web/app/home.tsx";
import { NoSuchPage } from "#web/app/not-here.tsx";
import { TitlePage } from "#web/app/title.tsx";
import { WatchPage } from "#web/app/watch.tsx";
import { searchOf, searchText } from "./addresses.ts";
import { watchFrom } from "./watch-from.ts";

const root = createRootRoute({ component: App, notFoundComponent: NoSuchPage });
/** Everything but the player has the header on top. */
const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });
const home = createRoute({ getParentRoute: () => shell, path: "/", component: HomePage });
const title = createRoute({ getParentRoute: () => shell, path: "/title/$id", component: TitlePage });
const search = createRoute({
  getParentRoute: () => shell,
  path: "/search",
  validateSearch: (asked): { q?: string } =>
    typeof asked.q === "string" && asked.q !== "" ? { q: asked.q } : {},
  component: lazyRouteComponent(() => import("#web/app/search.tsx"), "SearchPage"),
});
const profiles = createRoute({
  getParentRoute: () => shell,
  path: "/profiles",
  component: lazyRouteComponent(() => import("#web/app/profiles.tsx"), "ProfilesPage"),
});
const account = createRoute({
  getParentRoute: () => shell,
  path: "/account",
  component: lazyRouteComponent(() => import("#web/app/account.tsx"), "AccountPage"),
});

/** For whoever is not signed in: asked for on the sign-in page, or opened by a mailed link. */
const signUp = createRoute({
  getParentRoute: () => root,
  path: "/sign-up",
  component: lazyRouteComponent(() => import("#web/app/sign-up.tsx"), "SignUpPage"),
});
const confirmSignUp = createRoute({
  getParentRoute: () => root,
  path: "/sign-up/confirm",
  component: lazyRouteComponent(() => import("#web/app/sign-up.tsx"), "ConfirmSignUpPage"),
});
const reset = createRoute({
  getParentRoute: () => root,
  path: "/reset",
  component: lazyRouteComponent(() => import("#web/app/reset.tsx"), "ResetPage"),
});
const confirmEmail = createRoute({
  getParentRoute: () => root,
  path: "/email/confirm",
  component: lazyRouteComponent(() => import("#web/app/reset.tsx"), "ConfirmEmailPage"),
});
const doors = [signUp, confirmSignUp, reset, confirmEmail];

const watch = createRoute({
  getParentRoute: () => root,
  path: "/watch/$id",
  validateSearch: (search): { from?: "resume" | "beginning" } => {
    const from = watchFrom(search.from);
    return from === "ask" ? {} : { from };
  },
  component: WatchPage,
});

const ops = createRoute({
  getParentRoute: () => shell,
  path: "/ops",
  component: lazyRouteComponent(() => import("#web/ops/ops.tsx"), "OpsPage"),
});

/** The pages of the console, each fetched when it is opened. */
const overview = createRoute({
  getParentRoute: () => ops,
  path: "/",
  component: lazyRouteComponent(() => import("#web/ops/overview-page.tsx"), "OverviewPage"),
});
const map = createRoute({
  getParentRoute: () => ops,
  path: "map",
  component: lazyRouteComponent(() => import("#web/ops/map-page.tsx"), "MapPage"),
});
const appliances = createRoute({
  getParentRoute: () => ops,
  path: "appliances",
  component: lazyRouteComponent(() => import("#web/ops/appliances-page.tsx"), "AppliancesPage"),
});
const appliance = createRoute({
  getParentRoute: () => ops,
  path: "appliances/$id",
  component: lazyRouteComponent(() => import("#web/ops/appliance-page.tsx"), "AppliancePage"),
});
const placement = createRoute({
  getParentRoute: () => ops,
  path: "placement",
  component: lazyRouteComponent(() => import("#web/ops/placement-page.tsx"), "PlacementPage"),
});
const encode = createRoute({
  getParentRoute: () => ops,
  path: "encode",
  component: lazyRouteComponent(() => import("#web/ops/encode-page.tsx"), "EncodePage"),
});
const sessions = createRoute({
  getParentRoute: () => ops,
  path: "sessions",
  component: lazyRouteComponent(() => import("#web/ops/sessions-page.tsx"), "SessionsPage"),
});
const catalogue = createRoute({
  getParentRoute: () => ops,
  path: "catalogue",
  component: lazyRouteComponent(() => import("#web/ops/catalogue-page.tsx"), "CataloguePage"),
});
const catalogueTitle = createRoute({
  getParentRoute: () => ops,
  path: "catalogue/$id",
  component: lazyRouteComponent(() => import("#web/ops/catalogue-title-page.tsx"), "CatalogueTitlePage"),
});
const money = createRoute({
  getParentRoute: () => ops,
  path: "money",
  component: lazyRouteComponent(() => import("#web/ops/money-page.tsx"), "MoneyPage"),
});
const settings = createRoute({
  getParentRoute: () => ops,
  path: "settings",
  component: lazyRouteComponent(() => import("#web/ops/settings-page.tsx"), "SettingsPage"),
});
const stewardPages = [catalogue, catalogueTitle, money, settings] as const;
const session = createRoute({
  getParentRoute: () => ops,
  path: "sessions/$id",
  component: lazyRouteComponent(() => import("#web/ops/session-page.tsx"), "SessionPage"),
});
const quality = createRoute({
  getParentRoute: () => ops,
  path: "quality",
  component: lazyRouteComponent(() => import("#web/ops/quality-page.tsx"), "QualityPage"),
});
const consolePages = ops.addChildren([
  overview,
  map,
  appliances,
  appliance,
  placement,
  encode,
  sessions,
  ...stewardPages,
  session,
  quality,
]);

const tree = root.addChildren([
  shell.addChildren([home, title, search, profiles, account, consolePages]),
  watch,
  ...doors,
]);

/** `history` is the browser's own when none is given. */
export function pagesRouter(history?: RouterHistory) {
  return createRouter({
    routeTree: tree,
    ...(history === undefined ? {} : { history }),
    parseSearch: searchOf,
    stringifySearch: searchText,
    defaultErrorComponent: PageTrouble,
    defaultPreload: false,
    scrollRestoration: true,
    trailingSlash: "never",
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof pagesRouter>;
  }
}

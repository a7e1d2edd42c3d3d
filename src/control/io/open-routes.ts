// Every route of the control plane, in the order in which they are documented.
import { type App, openApp } from "./app.ts";
import type { Desk } from "./desk.ts";
import { collectRoutes, serveDocumentation } from "./documentation.ts";
import type { FilmDesk } from "./film-desk.ts";
import { servePages } from "./pages.ts";
import { accountRoutes } from "./routes-account.ts";
import { auditRoutes } from "./routes-audit.ts";
import { backupRoute } from "./routes-backup.ts";
import { beatRoutes } from "./routes-beat.ts";
import { billingRoutes } from "./routes-billing.ts";
import { billingAdminRoutes } from "./routes-billing-admin.ts";
import { catalogRoutes } from "./routes-catalog.ts";
import { cmcdRoute } from "./routes-cmcd.ts";
import { contentSteeringRoutes } from "./routes-content-steering.ts";
import { deadLetterRoutes } from "./routes-dead.ts";
import { denialRoutes } from "./routes-denials.ts";
import { drillRoutes } from "./routes-drills.ts";
import { experimentRoutes } from "./routes-experiments.ts";
import { heardRoutes } from "./routes-heard.ts";
import { jobKeyRoutes } from "./routes-job-keys.ts";
import { jobRoutes } from "./routes-jobs.ts";
import { keyRoutes } from "./routes-keys.ts";
import { licenceRoutes } from "./routes-licence.ts";
import { lintsRoute } from "./routes-lints.ts";
import { machineRoutes } from "./routes-machine.ts";
import { importRoutes, masterRoutes } from "./routes-masters.ts";
import { moneyRoute } from "./routes-money.ts";
import { networkRoutes } from "./routes-network.ts";
import { oidcRoutes } from "./routes-oidc.ts";
import { opsRoutes } from "./routes-ops.ts";
import { opsCatalogRoutes } from "./routes-ops-catalog.ts";
import { opsJobRoutes } from "./routes-ops-jobs.ts";
import { opsShelfRoutes } from "./routes-ops-shelf.ts";
import { paymentRoutes } from "./routes-payments.ts";
import { placementRoutes } from "./routes-placement.ts";
import { playRoutes } from "./routes-play.ts";
import { profileRoutes } from "./routes-profiles.ts";
import { qualityRoutes } from "./routes-quality.ts";
import { registerRoutes } from "./routes-register.ts";
import { resultRoutes } from "./routes-results.ts";
import { screenRoutes } from "./routes-screens.ts";
import { seriesRoutes } from "./routes-series.ts";
import { sessionRoutes } from "./routes-session.ts";
import { settingsRoute } from "./routes-settings.ts";
import { signUpRoutes } from "./routes-sign-up.ts";
import { steerRoutes } from "./routes-steer.ts";
import { subtitleRoutes } from "./routes-subtitles.ts";
import { tokenRoutes } from "./routes-tokens.ts";
import { uploadRoutes } from "./routes-uploads.ts";
import { viewerRoutes } from "./routes-viewer.ts";
import type { ControlOrder } from "./server.ts";

export async function openRoutes(
  desk: Desk,
  films: FilmDesk | undefined,
  {
    pagesFolder,
    backupsFolder,
    hold,
    shownSettings,
  }: Pick<ControlOrder, "pagesFolder" | "backupsFolder" | "hold" | "shownSettings">,
): Promise<App> {
  const app = await openApp(desk, hold);
  await collectRoutes(app);
  sessionRoutes(app, desk);
  signUpRoutes(app, desk);
  accountRoutes(app, desk);
  profileRoutes(app, desk);
  registerRoutes(app, desk);
  oidcRoutes(app, desk);
  tokenRoutes(app, desk);
  auditRoutes(app, desk);
  billingRoutes(app, desk);
  billingAdminRoutes(app, desk);
  await paymentRoutes(app, desk);
  viewerRoutes(app, desk);
  playRoutes(app, desk);
  beatRoutes(app, desk);
  screenRoutes(app, desk);
  catalogRoutes(app, desk);
  opsCatalogRoutes(app, desk);
  opsShelfRoutes(app, desk);
  licenceRoutes(app, desk);
  keyRoutes(app, desk);
  subtitleRoutes(app, desk);
  contentSteeringRoutes(app, desk);
  cmcdRoute(app, desk);
  opsRoutes(app, desk);
  placementRoutes(app, desk);
  lintsRoute(app, desk);
  seriesRoutes(app, desk);
  moneyRoute(app, desk);
  qualityRoutes(app, desk);
  steerRoutes(app, desk);
  networkRoutes(app, desk);
  denialRoutes(app, desk);
  heardRoutes(app, desk);
  deadLetterRoutes(app, desk);
  experimentRoutes(app, desk);
  drillRoutes(app, desk);
  await uploadRoutes(app, desk, films);
  importRoutes(app, desk, films);
  masterRoutes(app, desk, films);
  machineRoutes(app, desk);
  backupRoute(app, desk, backupsFolder);
  settingsRoute(app, shownSettings);
  jobRoutes(app, desk);
  jobKeyRoutes(app, desk);
  resultRoutes(app, desk);
  opsJobRoutes(app, desk);
  await serveDocumentation(app);
  await servePages(app, pagesFolder);
  await app.ready();
  return app;
}

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
import { denialRoutes } from "./routes-denials.ts";
import { experimentRoutes } from "./routes-experiments.ts";
import { heardRoutes } from "./routes-heard.ts";
import { jobRoutes } from "./routes-jobs.ts";
import { lintsRoute } from "./routes-lints.ts";
import { machineRoutes } from "./routes-machine.ts";
import { importRoutes, masterRoutes } from "./routes-masters.ts";
import { oidcRoutes } from "./routes-oidc.ts";
import { opsRoutes } from "./routes-ops.ts";
import { opsCatalogRoutes } from "./routes-ops-catalog.ts";
import { opsJobRoutes } from "./routes-ops-jobs.ts";
import { paymentRoutes } from "./routes-payments.ts";
import { placementRoutes } from "./routes-placement.ts";
import { playRoutes } from "./routes-play.ts";
import { profileRoutes } from "./routes-profiles.ts";
import { registerRoutes } from "./routes-register.ts";
import { resultRoutes } from "./routes-results.ts";
import { screenRoutes } from "./routes-screens.ts";
import { sessionRoutes } from "./routes-session.ts";
import { signUpRoutes } from "./routes-sign-up.ts";
import { steerRoutes } from "./routes-steer.ts";
import { tokenRoutes } from "./routes-tokens.ts";
import { uploadRoutes } from "./routes-uploads.ts";
import { viewerRoutes } from "./routes-viewer.ts";
import type { ControlOrder } from "./server.ts";

export async function openRoutes(
  desk: Desk,
  films: FilmDesk | undefined,
  { pagesFolder, backupsFolder }: Pick<ControlOrder, "pagesFolder" | "backupsFolder">,
): Promise<App> {
  const app = await openApp(desk);
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
  contentSteeringRoutes(app, desk);
  cmcdRoute(app, desk);
  opsRoutes(app, desk);
  placementRoutes(app, desk);
  lintsRoute(app, desk);
  steerRoutes(app, desk);
  denialRoutes(app, desk);
  heardRoutes(app, desk);
  experimentRoutes(app, desk);
  await uploadRoutes(app, desk, films);
  importRoutes(app, desk, films);
  masterRoutes(app, desk, films);
  machineRoutes(app, desk);
  backupRoute(app, desk, backupsFolder);
  jobRoutes(app, desk);
  resultRoutes(app, desk);
  opsJobRoutes(app, desk);
  await serveDocumentation(app);
  await servePages(app, pagesFolder);
  await app.ready();
  return app;
}

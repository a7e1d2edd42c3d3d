// The settings that this control plane was started with, each with its sentence.
import { type OpsSettings, opsSettings } from "#wire/settings.ts";
import { answers } from "./answers.ts";
import type { App } from "./app.ts";

export function settingsRoute(app: App, shown: OpsSettings | undefined): void {
  app.get(
    "/v1/ops/settings",
    {
      config: { audience: "operator" },
      schema: {
        summary:
          "Every setting: what it does, its range and default, its value now and where that came from; secrets without value",
        tags: ["operator"],
        response: answers(opsSettings),
      },
    },
    async () => shown ?? { groups: [] },
  );
}

// The settings of a running program, as operators read them: GET /v1/ops/settings. A secret's value is never among them.
import { z } from "zod";

const value = z.union([z.number(), z.string()]);

export const opsSettings = z.object({
  groups: z.array(
    z.object({
      /** Of the domain: "control", "edge". */
      name: z.string(),
      settings: z.array(
        z.object({
          name: z.string(),
          kind: z.enum(["number", "text", "choice"]),
          unit: z.string().optional(),
          min: z.number().optional(),
          max: z.number().optional(),
          choices: z.array(z.string()).optional(),
          default: value,
          secret: z.boolean(),
          /** null: a secret. */
          value: value.nullable(),
          /** Another value than none was given. */
          isSet: z.boolean(),
          /** Where the value came from; "program": this command starts from another default. */
          from: z.enum(["environment", "program", "default"]),
          sentence: z.string(),
        }),
      ),
    }),
  ),
});
export type OpsSettings = z.infer<typeof opsSettings>;

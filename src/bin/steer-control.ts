// Asks a running control plane to explain a decision, as its operator.
import { type OpsExplain, opsExplain } from "#wire/ops.ts";
import { asked, signedInAt } from "./control-session.ts";

export interface ControlQuestion {
  /** "http://127.0.0.1:8080" */
  readonly control: string;
  readonly email: string;
  readonly password: string;
  readonly client: string;
  readonly title: string | undefined;
  readonly session: string;
}

/** @throws Fault when nobody answers, or who does refuses */
export async function explainByControl(question: ControlQuestion): Promise<OpsExplain> {
  const { control, email, password, client, title, session } = question;
  const cookie = await signedInAt(control, email, password);
  const address = new URL("/v1/ops/steer/explain", control);
  address.search = new URLSearchParams({
    client,
    session,
    ...(title === undefined ? {} : { title }),
  }).toString();
  const answer = await asked(address, { headers: { cookie } });
  return opsExplain.parse(await answer.json());
}

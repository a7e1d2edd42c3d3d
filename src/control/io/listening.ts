// The address that the control plane answers at, or who has it.
import { ioFaults } from "#io/faults.ts";
import { portHolder } from "#io/port-holder.ts";
import { Fault } from "#units/fault.ts";
import type { App } from "./app.ts";

/** @throws Fault port-taken; the server is closed then */
export async function listen(
  app: App,
  address: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    return await app.listen({ ...address });
  } catch (error) {
    await app.close();
    if (!(error instanceof Error && "code" in error && error.code === "EADDRINUSE")) throw error;
    const holder = await portHolder(address.host, address.port);
    const facts = { address: `${address.host}:${address.port}`, holder, setting: "--listen" };
    throw new Fault(ioFaults.portTaken, facts, error);
  }
}

// What the Kafka client throws, in the operator's words.
import { type GenericError, MultipleErrors } from "@platformatic/kafka";
import { dataFaults } from "#data/faults.ts";
import { Fault } from "#units/fault.ts";

export function kafkaFault(
  error: unknown,
  { brokers, topic }: { readonly brokers: readonly string[]; readonly topic: { readonly name: string } },
): Fault {
  if (error instanceof Fault) return error;
  const where = brokers.join(",");
  const leaf = leafOf(error);
  const reason = leaf instanceof Error ? leaf.message : String(leaf);
  const apiId = apiIdOf(leaf);
  if (apiId === undefined) return new Fault(dataFaults.kafkaUnreachable, { brokers: where, reason }, error);
  const row = apiId === "MESSAGE_TOO_LARGE" ? dataFaults.kafkaRecordTooLong : dataFaults.kafkaRefused;
  return new Fault(row, { brokers: where, topic: topic.name, reason: `${apiId}: ${reason}` }, error);
}

/** The client wraps the one error that counts in the names of what it was doing. */
function leafOf(error: unknown): unknown {
  if (error instanceof MultipleErrors) return leafOf(error.errors.at(-1));
  if (error instanceof Error && error.cause instanceof Error && apiIdOf(error) === undefined)
    return leafOf(error.cause);
  return error;
}

function apiIdOf(error: unknown): string | undefined {
  const known: Partial<GenericError> = error instanceof Error ? error : {};
  return typeof known.apiId === "string" ? known.apiId : undefined;
}

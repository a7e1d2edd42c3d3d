// The refusals of quota.ts as faults.
import { Fault } from "#units/fault.ts";
import { publishFaults } from "./faults.ts";
import type { NoRoom } from "./quota.ts";

export function noRoomFault(bytes: number, refusal: NoRoom): Fault {
  switch (refusal.kind) {
    case "too-large":
      return new Fault(publishFaults.tooLarge, { bytes, most: refusal.most });
    case "too-many-open":
      return new Fault(publishFaults.tooManyOpen, { most: refusal.most, seconds: 60 });
    case "account-full": {
      const row = refusal.of === "open" ? publishFaults.openFull : publishFaults.accountFull;
      return new Fault(row, { bytes, most: refusal.most, used: refusal.used });
    }
    case "disk-full":
      return new Fault(publishFaults.diskFull, { wanted: refusal.wanted, free: refusal.free });
  }
}

// planted at src/bin/planted.ts: lint/style/noRestrictedImports
import { bytes } from "../units/quantity.ts";
export const size = bytes(1);

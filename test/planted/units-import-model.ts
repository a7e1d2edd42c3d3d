// planted at src/units/planted.ts: lint/style/noRestrictedImports
import { fileId } from "#model/package.ts";
export const id = fileId("a", "b");

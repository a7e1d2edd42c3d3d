// planted at src/steer/planted.ts: lint/style/noRestrictedImports
import { openStores } from "#data/io/database.ts";
export const open = openStores;

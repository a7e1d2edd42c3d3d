// Imported before a test file: it and all that it starts let other programs go first.
import { setPriority } from "node:os";

setPriority(15);

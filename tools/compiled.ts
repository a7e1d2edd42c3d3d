// Imported before a test file: it finds what others before it compiled. Not by the environment, which its programs would inherit:
// those choose for themselves.
import { keepCompiled } from "#bin/compiled.ts";

keepCompiled();

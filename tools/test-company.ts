// Test files that share a process: most of what a small file takes is starting one and loading what it tests. The words are
// the files. Each is loaded after the one before it; their tests run one after the other.
import { test } from "node:test";
import { pathToFileURL } from "node:url";

for (const file of process.argv.slice(2)) {
  try {
    await import(pathToFileURL(file).href);
  } catch (error) {
    test(`${file} is loaded`, () => {
      throw error;
    });
  }
}

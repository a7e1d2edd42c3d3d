// Draws the icons that phones want as PNG from web/public/icon.svg, in Chromium. Run by hand when the mark changes.
import { readFileSync, writeFileSync } from "node:fs";
import { openBrowser } from "#io/browser.ts";

const svg = readFileSync("web/public/icon.svg", "utf8");
/** A mask may cut away all but the middle four fifths: the ground fills the whole, the mark stays inside. Source: W3C App Manifest §purpose. */
const maskable = svg
  .replace('rx="7"', "")
  .replaceAll("<path ", '<path transform="translate(4.8 4.8) scale(0.7)" ');

const browser = await openBrowser(process.env.MILLRACE_CHROMIUM ?? "/usr/bin/chromium");
const page = await browser.context.newPage();
for (const { file, size, text } of [
  { file: "icon-192.png", size: 192, text: svg },
  { file: "icon-512.png", size: 512, text: svg },
  { file: "icon-maskable-512.png", size: 512, text: maskable },
]) {
  await page.setViewportSize({ width: size, height: size });
  await page.setContent(
    `<style>*{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${text}`,
  );
  writeFileSync(`web/public/${file}`, await page.screenshot({ omitBackground: true }));
  console.log(`web/public/${file}: ${size}×${size}`);
}
await browser.close();

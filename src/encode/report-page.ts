// report.html: how a film's ladder was decided and what it is worth, as one page without scripts or outside files.
import { accuracySection } from "./report-page-accuracy.ts";
import { chartSection } from "./report-page-chart.ts";
import type { PageReport } from "./report-page-data.ts";
import { economicsSection, workSection } from "./report-page-economics.ts";
import { headline } from "./report-page-headline.ts";
import { hullSection } from "./report-page-hulls.ts";
import { intakeSection } from "./report-page-intake.ts";
import { ladderSection } from "./report-page-ladder.ts";
import { type Markup, markup } from "./report-page-markup.ts";
import { type PictureSheet, pictureStyle, stripSection } from "./report-page-strip.ts";
import { pageStyle } from "./report-page-style.ts";

/** `sheet` holds the pictures that the report's shots point to; without it the strip has none. */
export function reportPage(report: PageReport, sheet?: PictureSheet): string {
  const sections: readonly (readonly [id: string, name: string, drawn: Markup])[] = [
    ["curves", "Quality over bitrate", chartSection(report)],
    ["ladder", "Ladder", ladderSection(report)],
    ["strip", "Shot by shot", stripSection(report, sheet)],
    ["hulls", "Hulls", hullSection(report)],
    ["accuracy", "Predicted and measured", accuracySection(report)],
    ["intake", "The film as it came", intakeSection(report)],
    ["work", "Work", workSection(report)],
    ["economics", "Does it pay?", economicsSection(report)],
  ];
  const drawn = sections.filter(([, , section]) => section.markup !== "");
  const links = drawn.map(([id, name]) => markup`<li><a href="#${id}">${name}</a></li>`);
  const style: Markup = { markup: `<style>${pageStyle}\n${pictureStyle(sheet)}</style>` };
  const page = markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${report.source.file}: encode report</title>
${style}
</head>
<body>
${headline(report)}
<nav aria-label="Sections"><ul>${links}</ul></nav>
<main>
${drawn.map(([, , section]) => markup`${section}\n`)}</main>
<footer><p>Every figure is computed from report.json, which lies beside this page and holds all trials. Film sha256 ${report.source.sha256.slice(0, 16)}….</p></footer>
</body>
</html>
`;
  return page.markup;
}

// What stands around every panel of the console, in Arabic.
import type { SameIds } from "#web/words/say.ts";
import type { panelEn } from "./panel-en.ts";

export const panelAr: SameIds<typeof panelEn> = {
  asOf: "حتى {time}",
  notRefreshed: "لم يُحدَّث منذ ذلك:",
  fetching: "جارٍ الجلب",
  tryAgain: "أعد المحاولة",
  copyCurl: "انسخ كأمر curl",
  copied: "نُسخ",
  showMore: "اعرض المزيد ({shown, number} من {all, number})",
  justNow: "الآن",
  secondsAgo: "قبل {n} ث",
  minutesAgo: "قبل {n} د",
  hoursAgo: "قبل {n} س",
  daysAgo: "{n, plural, zero {اليوم} one {قبل يوم} two {قبل يومين} few {قبل # أيام} other {قبل # يومًا}}",
};

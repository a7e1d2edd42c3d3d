// What the console says about sessions, in Arabic.
import type { SameIds } from "#web/words/say.ts";
import type { sessionsEn } from "./sessions-en.ts";

export const sessionsAr: SameIds<typeof sessionsEn> = {
  about: "من يشاهد، ومن أين، وكيف تسير المشاهدة. اسم المشاهد يقود إلى جلسته مُعادة كما رواها مشغّله.",
  aboutOne: "كل لحظة كما رواها المشغّل، وما لم يصل منها.",
  recent: "الجلسات الأخيرة",
  session: "الجلسة",
  allSessions: "كل الجلسات",
  replay: "الخط الزمني",
  filters: "أيّ الجلسات",
  filter: "اعرض هذه",
  clear: "اعرض الكل",
  any: "أيّ حالة",
  nobody: "لم يشاهد أحد شيئًا بعد.",
  noMatch: "لا جلسة تجمع ذلك كله.",
  viewer: "المشاهد",
  title: "العنوان",
  state: "الحالة",
  position: "الموضع",
  startup: "بدء التشغيل",
  stalls: "التوقفات",
  switches: "التبديلات",
  picture: "الصورة",
  appliance: "الجهاز الخادم",
  network: "الشبكة",
  region: "المنطقة",
  device: "جهاز المشاهد",
  seen: "آخر ظهور",
  started: "بدأت",
  none: "لا شيء",
  nothingHeard: "لا شيء منها في سجل الأحداث.",
  beginsLater: "لم يعد سجل الأحداث يصل إلى بدايتها: المرسوم هو ما تبقّى.",
  tooMany:
    "قُرئ من سجل الأحداث {records, plural, zero {# سجل} one {سجل واحد} two {سجلان} few {# سجلات} other {# سجلًا}} فقط: لم يُرسم الباقي.",
  lost: "لم تصل {lost, plural, zero {أي إشارة} one {إشارة واحدة} two {إشارتان} few {# إشارات} other {# إشارة}} في {gaps, plural, zero {# فجوة} one {فجوة واحدة} two {فجوتين} few {# فجوات} other {# فجوة}}: رمادية في الرسوم.",
  leftOut:
    "تُركت من الوسط {leftOut, plural, zero {# إشارة} one {إشارة واحدة} two {إشارتان} few {# إشارات} other {# إشارة}}.",
  stallsLeftOut:
    "تُركت من الوسط {leftOut, plural, zero {# توقف} one {توقف واحد} two {توقفان} few {# توقفات} other {# توقفًا}}.",
  gapsLeftOut:
    "تُركت من الوسط {leftOut, plural, zero {# فجوة} one {فجوة واحدة} two {فجوتان} few {# فجوات} other {# فجوة}} وما ينقص فيها.",
  of_buffer: "المخزون",
  of_rung: "الدرجة المعروضة",
  of_throughput: "سرعة الوصول",
  of_stall: "توقف",
  of_unknown: "لا شيء معروف",
  bufferFigure:
    "المخزون عبر الزمن، من {count, plural, zero {# إشارة} one {إشارة واحدة} two {إشارتين} few {# إشارات} other {# إشارة}}، مع {stalls, plural, zero {لا توقفات} one {توقف واحد} two {توقفين} few {# توقفات} other {# توقفًا}}",
  rateFigure:
    "الدرجة المعروضة وسرعة الوصول عبر الزمن، من {count, plural, zero {# إشارة} one {إشارة واحدة} two {إشارتين} few {# إشارات} other {# إشارة}}، مع {stalls, plural, zero {لا توقفات} one {توقف واحد} two {توقفين} few {# توقفات} other {# توقفًا}}",
  ribbonFigure: "من خدم عبر الزمن: {sources}",
  moment: "اللحظة",
  since: "بعد",
  lasted: "دام",
  cause: "ما يبدو عليه",
  cause_slow: "كانت سرعة الوصول دون الدرجة",
  cause_source: "تولّى جهاز آخر الخدمة",
  cause_unknown: "لا يُعرف مما قيل",
  changes: "ما تغيّر ومتى",
  because: "كلام القاعدة",
};

// Why a source stands where it stands, in Arabic.
import type { SameIds } from "#web/words/say.ts";
import type { rankEn } from "./rank-en.ts";

export const rankAr: SameIds<typeof rankEn> = {
  ranked: "الترتيب لـ {address}",
  rank: "الرتبة",
  source: "المصدر",
  rule: "ما ميّزه",
  why: "لماذا",
  leftOut: "المستبعَدون",
  out: "{n, plural, zero {لا جهاز} one {جهاز واحد} two {جهازان} few {# أجهزة} other {# جهازًا}}: {by}",
  nobodyOut: "لم يُستبعَد أحد.",
  fullText: "كل ذلك نصًا",
  drawn: "الأرقام على الخريطة أيضًا، وليس للمصدر مكان عليها.",
  r_longest_prefix: "أطول بادئة",
  r_as_path: "أقصر مسار AS",
  r_med: "أدنى MED",
  r_distance: "المسافة",
  r_load_bound: "استعمال دون الحد",
  r_load: "سعة الإرسال الحرة",
  r_tie_break: "قرعة الجلسة",
  r_spread: "موقع آخر",
  r_origin_last: "المصدر يأتي أخيرًا",
  e_no_route: "لا مسار إلى المشاهد",
  e_unhealthy: "معتل",
  e_draining: "خارج من الخدمة",
  e_silent: "صامت",
  e_unadmitted: "غير مقبول",
  e_degraded: "حال مشاهديه سيئة",
  e_not_held: "ليس عنده الملف",
  e_list_full: "القائمة ممتلئة",
  other: "قاعدة أخرى",
};

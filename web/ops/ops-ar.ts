// The console's common words in Arabic.
import type { SameIds } from "#web/words/say.ts";
import type { opsEn } from "./ops-en.ts";

export const opsAr: SameIds<typeof opsEn> = {
  overviewAbout: "حال المنظومة الآن وخلال الساعة الماضية.",
  mapAbout: "أين المشاهدون والأجهزة، ومن يخدم من، ولماذا.",
  pages: "لوحة التشغيل",
  overview: "نظرة عامة",
  map: "الخريطة",
  appliances: "الأجهزة",
  placement: "التوزيع",
  encode: "الترميز",
  sessions: "الجلسات",
  qoe: "الجودة",
  catalogue: "الفهرس",
  money: "المال",
  settings: "الإعدادات",
};

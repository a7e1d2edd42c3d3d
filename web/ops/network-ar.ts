// What the console says of appliances and what they hear, in Arabic.
import type { SameIds } from "#web/words/say.ts";
import type { networkEn } from "./network-en.ts";

export const networkAr: SameIds<typeof networkEn> = {
  aboutAppliances: "الأجهزة التي تخدم المشاهدين: حالتها وامتلاؤها وانشغالها، وما تسمعه عن الإنترنت.",
  fleet: "الأسطول",
  noAppliances: "لا يُعرف أي جهاز: ملف الشبكة لا يذكر أيًّا منها.",
  healthyOf:
    "{healthy, number} من {all, plural, zero {لا أجهزة} one {جهاز واحد} two {جهازين} few {# أجهزة} other {# جهازًا}} بحالة سليمة.",
  origin: "المصدر على",
  all: "الكل",
  filter: "العرض حسب الحالة",
  find: "بحث",
  findHint: "الاسم أو الموقع",
  noneFits: "لا جهاز يطابق ذلك.",
  neverSeen: "لم يُرَ قط",
  seen: "شوهد {ago}",
  notReported: "لم يرسل برنامجه تقريرًا بعد. شغّله بالأمر millrace appliance.",
  load: "الحمل",
  disk: "القرص",
  verified: "المتحقَّق منه",
  peersOrigin: "الأقران والمصدر",
  of: "{part} من {whole}",
  filesOf:
    "{part, number} من {whole, plural, zero {لا ملفات} one {ملف واحد} two {ملفين} few {# ملفات} other {# ملفًا}}",
  both: "{peers} و{origin}",
  connections:
    "{n, plural, zero {لا اتصالات} one {اتصال واحد} two {اتصالان} few {# اتصالات} other {# اتصالًا}}",
  requests: "{n, plural, zero {لا طلبات} one {طلب واحد} two {طلبان} few {# طلبات} other {# طلبًا}}",
  errors: "{n, plural, zero {لا أخطاء} one {خطأ واحد} two {خطآن} few {# أخطاء} other {# خطأ}}",
  queued: "{n, number} في الانتظار",
  rejected: "{n, number} مرفوض",
  perRead: "{ms} مللي ثانية لكل قراءة",
  misses: "{n, plural, zero {لا إخفاقات} one {إخفاق واحد} two {إخفاقان} few {# إخفاقات} other {# إخفاقًا}}",
  kernelTls:
    "TLS في النواة: {kernel, number} من {n, plural, zero {لا اتصالات} one {اتصال واحد} two {اتصالين} few {# اتصالات} other {# اتصالًا}}",
  rotten: "{n, number} تالف",
  lastProblem: "آخر مشكلة: ",
  drain: "أخرجه من الخدمة",
  undrain: "أعده إلى الخدمة",
  healthy: "سليم",
  unhealthy: "معتلّ",
  draining: "يُفرَّغ",
  silent: "صامت",
  unadmitted: "غير مقبول",
  degraded: "متدهور",
  storage: "تخزين",
  flash: "فلاش",
  global: "شامل",

  steering: "التوجيه",
  steerAsk: "اشرح قرار التوجيه",
  address: "العنوان الشبكي",
  any: "أيّ عنوان",
  session: "الجلسة",
  explain: "اشرح",

  applianceGone: "لا يوجد جهاز بهذا الاسم في الشبكة.",
  toFleet: "كل الأجهزة",
  now: "الآن",

  nobodyMissed: "لم يطلب أحد من جهاز ملفًا لا يملكه.",
  missesSince:
    "{n, plural, zero {لا إخفاقات} one {إخفاق واحد} two {إخفاقان} few {# إخفاقات} other {# إخفاقًا}} منذ بدء تشغيل الأجهزة",
  title: "العنوان",
  file: "الملف",
  missed: "المرات",
  at: "عند",
  since: "منذ",
  last: "آخر مرة",

  routes: "المسارات",
  nobodyTells: "لا جهاز يخبر بما يسمعه؛ التوجيه يتبع ملف المسارات وحده.",
  waitingFor:
    "بانتظار مسارات {n, plural, zero {لا أجهزة} one {جهاز واحد} two {جهازين} few {# أجهزة} other {# جهازًا}}.",
  routesHeard: "المسارات التي تسمعها الأجهزة",
  appliance: "الجهاز",
  state: "الحالة",
  neighbours: "الجيران",
  stale: "القديم",
  lastWord: "آخر خبر",
  allTold: "اكتمل الإخبار",
  atSite: " في {site}",

  lints: "ملاحظات",
  notListed:
    "{n, plural, zero {لا شيء آخر} one {واحدة أخرى} two {اثنتان أخريان} few {# أخرى} other {# أخرى}} غير مذكورة.",
  unread:
    "{n, plural, zero {لا مسار} one {مسار واحد} two {مساران} few {# مسارات} other {# مسارًا}} بلا موقع معروف أو بلا بادئة: {examples}",
  tooMany:
    "{n, plural, zero {لا مسارات} one {مسار واحد} two {مساران} few {# مسارات} other {# مسارًا}} أكثر مما تفحصه وحدة التحكم أثناء الخدمة (MILLRACE_LINT_ROUTES). شغّل millrace steer lint.",
  overRoutes:
    "{routes, plural, zero {لا مسارات} one {مسار واحد} two {مسارين} few {# مسارات} other {# مسارًا}} إلى {prefixes, plural, zero {لا بادئات} one {بادئة واحدة} two {بادئتين} few {# بادئات} other {# بادئة}} في {sites, plural, zero {لا مواقع} one {موقع واحد} two {موقعين} few {# مواقع} other {# موقعًا}}",
  nothingOdd: "لا شيء غريب في {over}.",
  oddThings:
    "{n, plural, zero {لا شيء غريب} one {أمر غريب واحد} two {أمران غريبان} few {# أمور غريبة} other {# أمرًا غريبًا}} في {over}.",

  siteCheck: "فحص الموقع",
  passed: "نجح",
  failed: "فشل",
  unchecked: "لم يُجرَ",
  notRequired: "وهو غير مطلوب هنا.",
  howToMend:
    "كيف يُصلَح {n, plural, zero {لا متطلبات} one {متطلب واحد} two {متطلبان} few {# متطلبات} other {# متطلبًا}}",
  cannotTell: "لا يمكن معرفته،",
  wanted: "المطلوب:",
};

// What the overview says, in Arabic.
import type { SameIds } from "#web/words/say.ts";
import type { overviewEn } from "./overview-en.ts";

const plays =
  "{plays, plural, zero {لا مشاهدات} one {مشاهدة واحدة} two {مشاهدتين} few {# مشاهدات} other {# مشاهدة}}";

export const overviewAr: SameIds<typeof overviewEn> = {
  lastHour: "الساعة الماضية",
  startup: "زمن البدء",
  startupSub: "لنصف مرات البدء؛ و19 من 20 لم تتجاوز {slow}",
  startupEmpty: "لم تُظهر أي مشاهدة صورتها الأولى في الساعة الماضية.",
  stalled: "التوقف للتخزين المؤقت",
  stalledSub:
    "من زمن المشاهدة، {stalls, plural, zero {بلا توقف} one {توقف واحد} two {توقفان} few {# توقفات} other {# توقفًا}}",
  failed: "الإخفاقات",
  failedSub: `من ${plays}: {start, number} قبل الصورة و{inPlay, number} أثناء العرض`,
  qualityEmpty: "لم تُحتسب أي مشاهدة بعد: تصل الأرقام بعد نحو دقيقتين.",
  offload: "التخفيف عن المصدر",
  offloadSub: "من {bytes} أُعفي منها المصدر",
  offloadEmpty: "لم يُخدم شيء بعد: تُحسب الدقيقة حين تنتهي ويُخبَر بها.",
  offloadMeaning: "نسبة البايتات المرسلة إلى المشاهدين التي أُعفي منها المصدر، من سجلات الأجهزة والمصدر.",
  watching: "المشاهدات الآن",
  watchingSub:
    "{boxes, plural, =0 {لا جهاز يخدمها} zero {لا جهاز يخدمها} one {يخدمها جهاز واحد} two {يخدمها جهازان} few {تخدمها # أجهزة} other {يخدمها # جهازًا}}",
  watchingMeaning: "جلسات قال مشغّلها شيئًا خلال الدقيقة الأخيرة ولم تنته، من بين الجلسات الحديثة.",
  sending: "المُرسَل إلى المشاهدين",
  sendingSub: "من كل الأجهزة، {ago}",
  sendingEmpty: "لم يخبر أي جهاز بما يرسله.",
  sendingMeaning: "مجموع ما أخبرت به الأجهزة آخر مرة (millrace_appliance_sent_bits_per_second).",
  meaning: "ما معنى هذا",
  definitions: "كل التعريفات",
  hourLine: "{name} خلال الساعة الماضية، الأقصى {most}",
  noLine: "{name} خلال الساعة الماضية: لا بيانات",

  bySite: "حسب الموقع",
  bySiteEmpty: "لم يُخدم شيء من أي موقع في الساعات الست الماضية.",
  bytesSent: "{bytes} في الساعة الماضية",
  offloaded: "{share} بلا المصدر",
  missedBecause: "من أبعد: {content} بسبب المحتوى، {health} بسبب الحالة أو السعة، {other} لأسباب أخرى",
  noMisses: "جاء كل شيء من أفضل مكان",
  byAppliance: "حسب الجهاز",
  byApplianceEmpty: "لم يُقرأ أي جهاز بعد. تُقرأ الأرقام مرة كل دقيقة.",
  sentLast: "{rate} الآن",
  busiest:
    "{n, plural, zero {لا شيء} one {الأكثر انشغالًا} two {الأكثر انشغالًا} few {# الأكثر انشغالًا} other {# الأكثر انشغالًا}} في الساعة الماضية؛ لكل خط مقياسه.",
  playsOf: plays,
  startOf: "تبدأ خلال {time}",
  stallOf: "{share} متوقفة",
  failOf: "{share} أخفقت في البدء",
  noPlays: "لم تُحتسب مشاهدات",

  fleet: "الأسطول",
  changes: "ما الذي تغيّر",
  noChanges: "لم يتغيّر شيء بعد.",
  noChangesOf: "لا شيء من هذا النوع.",
  healthSince: "تغيّرات الحالة معروفة منذ {time}، حين بدأت وحدة التحكم.",
  ordersSince: "الأوامر معروضة منذ {time}؛ وما قبلها في سجل التدقيق.",
  showKind: "العرض",
  all: "الكل",
  health: "الحالة",
  plan: "الخطط",
  experiment: "التجارب",
  catalogue: "الفهرس",
  title: "العناوين",
  order: "الأوامر",
  changedHealth: "{appliance} صار {to} بعد أن كان {from}",
  changedPlan: "خطة التوزيع {epoch, number} نافذة، وتنقل {moved}",
  becameCreated: "طُلبت التجربة {id}",
  becameRunning: "بدأت التجربة {id}",
  becameEnded: "انتهت التجربة {id}",
  becameAborted: "أوقفت التجربة {id}",
  changedCatalogue:
    "نسخة الفهرس {version, number} وفيها {works, plural, zero {لا أعمال} one {عمل واحد} two {عملان} few {# أعمال} other {# عملًا}}",
  changedTitle: "رُمّز «{name}» ونُشر",
  changedOrder: "{actor}: {action}",
  refused: "مرفوض",
};

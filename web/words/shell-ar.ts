// The shell's words in Arabic.
import type { SameIds } from "./say.ts";
import type { shellEn } from "./shell-en.ts";

export const shellAr: SameIds<typeof shellEn> = {
  brand: "Millrace",
  skip: "انتقل إلى المحتوى",
  pages: "الصفحات",
  films: "الأفلام",
  operator: "المشغّل",
  signOut: "تسجيل الخروج",
  language: "اللغة",
  waiting: "{what} …",
  opening: "جارٍ فتح الصفحة",
  looking: "جارٍ التعرّف عليك",
  nothingHere: "لا شيء هنا",
  noPage: "لا توجد صفحة في العنوان {path}.",
  operatorsOnly: "هذه الصفحة للمشغّلين.",
  toFilms: "إلى الأفلام",
  noAnswer: "لا جواب",
  failed: "لم ينجح ذلك",
  tryAgain: "أعد المحاولة",
  code: "الرمز",
  adviceUnreachable: "شغّل Millrace بالأمر npm start، أو تحقّق من اتصالك.",
  adviceDeadline: "قد يكون الجهاز مشغولًا بالترميز. انتظر قليلًا ثم أعد المحاولة.",
  advice403: "لا يسمح حسابك بهذا. سجّل الدخول بحساب آخر.",
  advice404: "ربما أُزيل. عُد إلى الأفلام.",
  advice429: "طلبات كثيرة. انتظر دقيقة.",
  advice5xx: "يقول سجلّ وحدة التحكم المزيد تحت الرمز نفسه.",
  adviceOther: "إن تكرّر ذلك فأبلغ المشغّل بالرمز أدناه.",
};

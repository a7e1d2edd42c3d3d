// What stands around every panel of the console.
export const panelEn = {
  asOf: "as of {time}",
  notRefreshed: "Not refreshed since:",
  fetching: "Fetching",
  tryAgain: "Try again",
  copyCurl: "Copy as curl",
  copied: "Copied",
  showMore: "Show more ({shown, number} of {all, number})",
  justNow: "just now",
  secondsAgo: "{n} s ago",
  minutesAgo: "{n} min ago",
  hoursAgo: "{n} h ago",
  daysAgo: "{n, plural, one {1 day ago} other {# days ago}}",
} as const;

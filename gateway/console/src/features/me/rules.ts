const BROWSERS: [RegExp, string][] = [
  [/Edg(e|A|iOS)?\//, "Edge"],
  [/OPR\//, "Opera"],
  [/MicroMessenger\//, "WeChat"],
  [/Firefox\/|FxiOS\//, "Firefox"],
  [/Chrome\/|CriOS\//, "Chrome"],
  [/Safari\//, "Safari"],
];

const SYSTEMS: [RegExp, string][] = [
  [/HarmonyOS|OpenHarmony/, "HarmonyOS"],
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

/** What a browser calls itself in its requests, short: Chrome, Windows. Other programs keep their name. */
export function deviceName(userAgent: string): string {
  const first = (names: [RegExp, string][]) => names.find(([sign]) => sign.test(userAgent))?.[1];
  const known = [first(BROWSERS), first(SYSTEMS)].filter(Boolean);
  return known.length > 0 ? known.join(", ") : (userAgent.split(/[/ ]/)[0] ?? userAgent);
}

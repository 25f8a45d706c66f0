// Numbers as people of the language write them. Money arrives in minor units and goods in thousandths, both as integers: they are
// written digit by digit, never divided, so what is shown is what is stored.
import { language } from "./language";

const made = new Map<string, Intl.NumberFormat>();
const madeDates = new Map<string, Intl.DateTimeFormat>();

function numbers(options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = language.value + JSON.stringify(options);
  let format = made.get(key);
  if (!format) made.set(key, (format = new Intl.NumberFormat(language.value, options)));
  return format;
}

function dates(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language.value + JSON.stringify(options);
  let format = madeDates.get(key);
  if (!format) madeDates.set(key, (format = new Intl.DateTimeFormat(language.value, { hourCycle: "h23", ...options })));
  return format;
}

/** An integer with its decimal point moved, as text: (12345, 2) is "123.45". */
export function moved(value: number, places: number): string {
  const digits = String(Math.abs(value)).padStart(places + 1, "0");
  const at = digits.length - places;
  return (value < 0 ? "-" : "") + digits.slice(0, at) + (places ? "." + digits.slice(at) : "");
}

const exact = (format: Intl.NumberFormat, text: string) => format.format(text as unknown as number);

export function minorDigits(currency: string): number {
  try {
    return numbers({ style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2; // a code that is no currency
  }
}

export function money(minor: number | undefined, currency: string): string {
  if (minor === undefined) return DASH;
  try {
    return exact(numbers({ style: "currency", currency, currencyDisplay: "narrowSymbol" }), moved(minor, minorDigits(currency)));
  } catch {
    return `${currency} ${moved(minor, 2)}`;
  }
}

/** For an axis, where there is no room for every digit. */
export function shortMoney(minor: number, currency: string): string {
  const options: Intl.NumberFormatOptions = { notation: "compact", maximumSignificantDigits: 3, style: "currency", currency };
  try {
    return numbers({ ...options, currencyDisplay: "narrowSymbol" }).format(minor / 10 ** minorDigits(currency));
  } catch {
    return String(minor / 100);
  }
}

export const DASH = "–";

export function count(value: number | undefined): string {
  return value === undefined ? DASH : numbers({}).format(value);
}

export function short(value: number): string {
  return numbers({ notation: "compact", maximumSignificantDigits: 3 }).format(value);
}

export function quantity(milli: number | undefined): string {
  return milli === undefined ? DASH : exact(numbers({ maximumFractionDigits: 3 }), moved(milli, 3));
}

/** Thousandths to one decimal, where a third would pretend. */
export function tenths(milli: number): string {
  return quantity(Math.round(milli / 100) * 100);
}

export function percent(basisPoints: number | undefined, digits = 1): string {
  if (basisPoints === undefined) return DASH;
  return exact(numbers({ style: "percent", maximumFractionDigits: digits, minimumFractionDigits: 0 }), moved(basisPoints, 4));
}

export function change(now: number, before: number): string {
  if (before === 0) return DASH;
  return numbers({ style: "percent", maximumFractionDigits: 1, signDisplay: "exceptZero" }).format((now - before) / Math.abs(before));
}

export function bytes(value: number): string {
  const step = value >= 1 << 30 ? 3 : value >= 1 << 20 ? 2 : value >= 1024 ? 1 : 0;
  return numbers({ maximumFractionDigits: 1 }).format(value / 1024 ** step) + " " + ["B", "KiB", "MiB", "GiB"][step];
}

const MINUTE = 60,
  HOUR = 3600,
  DAY = 86400;

/** How long, in the two largest units that matter. */
export function duration(seconds: number): string {
  const unit = (value: number, name: string) =>
    numbers({ style: "unit", unit: name, unitDisplay: "narrow", maximumFractionDigits: 1 }).format(value);
  const size = Math.abs(seconds),
    sign = seconds < 0 ? "−" : "";
  if (size < 1) return sign + unit(Math.round(size * 1000), "millisecond");
  if (size < MINUTE) return sign + unit(Math.floor(size), "second");
  if (size < HOUR) return sign + unit(Math.floor(size / MINUTE), "minute");
  if (size < DAY) {
    const minutes = Math.floor((size % HOUR) / MINUTE);
    return sign + unit(Math.floor(size / HOUR), "hour") + (minutes ? " " + unit(minutes, "minute") : "");
  }
  const hours = Math.floor((size % DAY) / HOUR);
  return sign + unit(Math.floor(size / DAY), "day") + (hours && size < 10 * DAY ? " " + unit(hours, "hour") : "");
}

/** A moment in microseconds since 1970. Today's need no date. */
export function moment(us: number | undefined, withSeconds = true): string {
  if (!us) return DASH;
  const date = new Date(us / 1000),
    today = date.toDateString() === new Date().toDateString();
  const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", ...(withSeconds ? { second: "2-digit" } : {}) };
  return dates(today ? time : { month: "2-digit", day: "2-digit", ...time }).format(date);
}

export function preciseMoment(us: number): string {
  return dates({
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
  }).format(new Date(us / 1000));
}

/** A business day, YYYY-MM-DD: a name, not a moment, so no time zone may move it. */
export function day(text: string, withWeekday = false): string {
  const date = new Date(text + "T00:00:00Z");
  if (!text || Number.isNaN(date.getTime())) return text || DASH;
  return dates({ month: "short", day: "numeric", timeZone: "UTC", ...(withWeekday ? { weekday: "short" } : {}) }).format(date);
}

export function dayBefore(text: string, days: number): string {
  const date = new Date(text + "T00:00:00Z");
  return Number.isNaN(date.getTime()) ? "" : new Date(date.getTime() - days * DAY * 1000).toISOString().slice(0, 10);
}

// The two languages, 中文 and English: the address, else what was chosen before, else what the browser asks for.
import { computed, effect, signal } from "@preact/signals";
import { filter, setFilters } from "./route";
import { recall, remember } from "./remember";
import { words, type Word } from "./words";

export type Language = "en" | "zh-CN";

const chosen = signal(recall("lang"));

export const language = computed<Language>(() => {
  const wanted = filter("lang") || chosen.value || navigator.language;
  return wanted.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
});

effect(() => {
  document.documentElement.lang = language.value;
});

export function setLanguage(value: Language): void {
  chosen.value = value;
  remember("lang", value);
  setFilters({ lang: "" });
}

/** The words for a key; {name} in them becomes the value given for it. */
export function t(key: Word, values: Record<string, string | number> = {}): string {
  return words[key][language.value === "en" ? 0 : 1].replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The words for a code of the wire, such as a shipment's state; a code this page does not know is shown as it is. */
export function coded(group: string, code: string): string {
  const key = `${group}.${code}`;
  return key in words ? t(key as Word) : code;
}

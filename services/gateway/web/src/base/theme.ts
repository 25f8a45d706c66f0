// Light or dark: the address, else what was chosen before, else what the system says, also when it changes its mind.
import { computed, effect, signal } from "@preact/signals";
import { filter, setFilters } from "./route";
import { recall, remember } from "./remember";

export type Theme = "light" | "dark";

const system = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(system.matches);
system.addEventListener("change", () => (systemDark.value = system.matches));
const chosen = signal(recall("theme"));

export const theme = computed<Theme>(() => {
  const wanted = filter("theme") || chosen.value;
  return wanted === "light" || wanted === "dark" ? wanted : systemDark.value ? "dark" : "light";
});

effect(() => document.documentElement.setAttribute("data-theme", theme.value));

export function setTheme(value: Theme): void {
  chosen.value = value;
  remember("theme", value);
  setFilters({ theme: "" });
}

/** A colour of the style sheet, for what is painted on a canvas. Reading the theme makes the caller paint again when it changes. */
export function colour(name: string): string {
  void theme.value;
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

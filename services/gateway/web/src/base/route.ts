// Where we are: page, its argument and every filter stand in the address, behind '#', so that a link shows what its sender saw
// and the gateway has one page to serve. `#/events/orders%2342?lang=en`
import { computed, signal } from "@preact/signals";

export interface Place {
  page: string;
  argument: string;
  filters: URLSearchParams;
}

function read(): Place {
  const [path = "", query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [page = "", ...rest] = path.split("/");
  let argument = rest.join("/");
  try {
    argument = decodeURIComponent(argument);
  } catch {
    // An address typed by hand may hold a lone %: it is taken as it is.
  }
  return { page: page || "network", argument, filters: new URLSearchParams(query) };
}

export const place = signal<Place>(read());
addEventListener("hashchange", () => (place.value = read()));

export const page = computed(() => place.value.page);

/** A filter's value, or what holds without it. */
export function filter(name: string, otherwise = ""): string {
  return place.value.filters.get(name) ?? otherwise;
}

// What every page keeps: how it looks is not a filter of one page.
const STICKY = ["lang", "theme"];

export function href(page: string, argument = "", filters: Record<string, string> = {}): string {
  const query = new URLSearchParams();
  for (const name of STICKY) {
    const value = place.value.filters.get(name);
    if (value) query.set(name, value);
  }
  for (const [name, value] of Object.entries(filters)) if (value) query.set(name, value);
  const text = query.toString();
  return `#/${page}${argument ? "/" + encodeURIComponent(argument) : ""}${text ? "?" + text : ""}`;
}

/** Sets or, with "", removes filters of this page; Back does not walk through every keystroke. */
export function setFilters(values: Record<string, string>): void {
  const query = new URLSearchParams(place.value.filters);
  for (const [name, value] of Object.entries(values)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const { page, argument } = place.value;
  const text = query.toString();
  history.replaceState(null, "", `#/${page}${argument ? "/" + encodeURIComponent(argument) : ""}${text ? "?" + text : ""}`);
  place.value = read();
}

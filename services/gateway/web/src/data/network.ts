// Who is who: outlets and warehouses by code, with name, tier and place. Master data change seldom, so every minute is enough.
import { useRows, type Watched } from "./watch";
import type { Named } from "./rows";

export interface Outlet {
  code: string;
  name: string;
  tier: number;
  sort: string;
  latitude: number | null; // degrees
  longitude: number | null;
}

const EVERY_MS = 60000;
const degrees = (value: number | undefined) => (value === undefined ? null : value / 1e7);

function toOutlet(row: Named): Outlet {
  return {
    code: row.key,
    name: row.name ?? row.key,
    tier: row.tier ?? 0,
    sort: row.sort ?? "",
    latitude: degrees(row.latitude),
    longitude: degrees(row.longitude),
  };
}

// One map for all who ask, made anew only when the rows are others.
const made = new WeakMap<Named[], Map<string, Outlet>>();

function mapOf(rows: Named[]): Map<string, Outlet> {
  let map = made.get(rows);
  if (!map) made.set(rows, (map = new Map(rows.map((row) => [row.key, toOutlet(row)]))));
  return map;
}

export interface Places extends Omit<Watched<Named>, "rows"> {
  map: Map<string, Outlet>;
}

function usePlaces(kind: string): Places {
  const watched = useRows<Named>("records", { kind }, EVERY_MS);
  return { ...watched, map: mapOf(watched.rows) };
}

export const useOutlets = () => usePlaces("outlet");
export const useWarehouses = () => usePlaces("warehouse");

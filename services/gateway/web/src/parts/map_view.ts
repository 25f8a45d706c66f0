// Where on the canvas a place of the earth lies: Mercator, fitted to what has to be seen, then moved and enlarged by hand.
export interface Spot {
  latitude: number; // degrees
  longitude: number;
}

export interface View {
  x: number; // centre, in units of the world's width
  y: number;
  scale: number; // pixels for the world's width
}

const RAD = Math.PI / 180,
  EARTH_M = 40075016.7;
const SCALE_MIN = 256,
  SCALE_MAX = 2 ** 26;

export function world(spot: Spot): [number, number] {
  const latitude = Math.max(-85, Math.min(85, spot.latitude)) * RAD;
  return [spot.longitude / 360 + 0.5, 0.5 - Math.log(Math.tan(Math.PI / 4 + latitude / 2)) / (2 * Math.PI)];
}

export function fit(spots: Spot[], width: number, height: number, margin: number): View {
  if (spots.length === 0) return { x: 0.5, y: 0.5, scale: Math.min(width, height) };
  const points = spots.map(world);
  const xs = points.map((point) => point[0]),
    ys = points.map((point) => point[1]);
  const left = Math.min(...xs),
    right = Math.max(...xs),
    top = Math.min(...ys),
    bottom = Math.max(...ys);
  const scale = Math.min((width - 2 * margin) / Math.max(right - left, 1e-5), (height - 2 * margin) / Math.max(bottom - top, 1e-5));
  return { x: (left + right) / 2, y: (top + bottom) / 2, scale: Math.max(SCALE_MIN, Math.min(scale, SCALE_MAX)) };
}

export function toPixels(view: View, spot: Spot, width: number, height: number): [number, number] {
  const [x, y] = world(spot);
  return [(x - view.x) * view.scale + width / 2, (y - view.y) * view.scale + height / 2];
}

/** Enlarges by a factor and keeps what lies at (px, py) where it is. */
export function enlarge(view: View, factor: number, px: number, py: number, width: number, height: number): View {
  const scale = Math.max(SCALE_MIN, Math.min(SCALE_MAX, view.scale * factor));
  const keep = (centre: number, at: number, size: number) => centre + ((at - size / 2) / view.scale) * (1 - view.scale / scale);
  return { x: keep(view.x, px, width), y: keep(view.y, py, height), scale };
}

/** Pixels of a metre in the middle of the view. */
export function pixelsPerMetre(view: View): number {
  const latitude = 2 * Math.atan(Math.exp((0.5 - view.y) * 2 * Math.PI)) - Math.PI / 2;
  return view.scale / (EARTH_M * Math.cos(latitude));
}

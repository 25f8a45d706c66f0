// Paints the map: a grid of degrees, a scale, rounds of vehicles, places. No pictures of the earth: a network needs distances and
// neighbours, and the page asks nobody outside.
import { colour } from "../base/theme";
import { pixelsPerMetre, toPixels, type Spot, type View } from "./map_view";

export interface Mark extends Spot {
  code: string;
  name: string;
  shape: "round" | "diamond" | "square"; // tier 1, tier 2, a warehouse
  colour: string; // name of a colour of the style sheet
  size: number; // radius in pixels
  text: string; // what is said of it
}

export interface Round {
  spots: Spot[];
  colour: string;
}

type Paint = CanvasRenderingContext2D;

function paintGrid(paint: Paint, view: View, width: number, height: number): void {
  const degree = view.scale / 360;
  const step = [10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05].find((one) => one * degree < 170) ?? 0.05;
  const west = (view.x - width / 2 / view.scale - 0.5) * 360;
  paint.strokeStyle = colour("line");
  paint.fillStyle = colour("ink-3");
  paint.font = "11px " + colour("font");
  paint.lineWidth = 1;
  paint.beginPath();
  for (let longitude = Math.ceil(west / step) * step; ; longitude += step) {
    const [x] = toPixels(view, { latitude: 0, longitude }, width, height);
    if (x > width) break;
    paint.moveTo(Math.round(x) + 0.5, 0);
    paint.lineTo(Math.round(x) + 0.5, height);
    paint.fillText(`${+longitude.toFixed(2)}°`, x + 4, 14);
  }
  for (let latitude = -80; latitude <= 80; latitude += step) {
    const [, y] = toPixels(view, { latitude, longitude: 0 }, width, height);
    if (y < 20 || y > height) continue;
    paint.moveTo(0, Math.round(y) + 0.5);
    paint.lineTo(width, Math.round(y) + 0.5);
    paint.fillText(`${+latitude.toFixed(2)}°`, 4, y - 4);
  }
  paint.stroke();
}

function paintScale(paint: Paint, view: View, width: number, height: number): void {
  const metre = pixelsPerMetre(view);
  const metres = [1000, 2000, 5000, 10000, 20000, 50000, 100000, 200000, 500000, 1000000].find((one) => one * metre > 56) ?? 1000000;
  const length = metres * metre,
    x = width - length - 14,
    y = height - 14;
  paint.strokeStyle = paint.fillStyle = colour("ink-2");
  paint.lineWidth = 1.5;
  paint.beginPath();
  paint.moveTo(x, y - 4);
  paint.lineTo(x, y);
  paint.lineTo(x + length, y);
  paint.lineTo(x + length, y - 4);
  paint.stroke();
  paint.fillText(`${metres / 1000} km`, x + 4, y - 5);
}

function outline(paint: Paint, mark: Mark, x: number, y: number, size: number): void {
  paint.beginPath();
  if (mark.shape === "round") paint.arc(x, y, size, 0, 2 * Math.PI);
  if (mark.shape === "square") paint.rect(x - size, y - size, 2 * size, 2 * size);
  if (mark.shape === "diamond") {
    const reach = size * 1.2;
    paint.moveTo(x, y - reach);
    paint.lineTo(x + reach, y);
    paint.lineTo(x, y + reach);
    paint.lineTo(x - reach, y);
    paint.closePath();
  }
}

function paintMark(paint: Paint, mark: Mark, x: number, y: number, chosen: boolean): void {
  outline(paint, mark, x, y, mark.size);
  paint.fillStyle = colour(mark.colour);
  paint.globalAlpha = 0.88;
  paint.fill();
  paint.globalAlpha = 1;
  paint.lineWidth = 1.5;
  paint.strokeStyle = colour("sheet");
  paint.stroke();
  if (!chosen) return;
  outline(paint, mark, x, y, mark.size + 4);
  paint.lineWidth = 2.5;
  paint.strokeStyle = colour("ink");
  paint.stroke();
}

/** Names where there is room for them, the largest first; the chosen one always. */
function paintNames(paint: Paint, marks: Mark[], at: (mark: Mark) => [number, number], chosen: string): void {
  const taken: [number, number, number, number][] = marks.map((mark) => {
    const [x, y] = at(mark);
    return [x - mark.size, y - mark.size, x + mark.size, y + mark.size];
  });
  paint.font = "12px " + colour("font");
  paint.lineWidth = 3;
  paint.lineJoin = "round";
  const order = [...marks].sort((a, b) => Number(b.code === chosen) - Number(a.code === chosen) || b.size - a.size);
  for (const mark of order) {
    const [x, y] = at(mark),
      width = paint.measureText(mark.name).width;
    const left = x + mark.size + 6 + width < paint.canvas.clientWidth ? x + mark.size + 4 : x - mark.size - 4 - width;
    const box: [number, number, number, number] = [left, y - 8, left + width + 2, y + 8];
    if (mark.code !== chosen && taken.some((other) => box[0] < other[2] && box[2] > other[0] && box[1] < other[3] && box[3] > other[1]))
      continue;
    taken.push(box);
    paint.strokeStyle = colour("sunken");
    paint.strokeText(mark.name, box[0], y + 4);
    paint.fillStyle = colour(mark.code === chosen ? "ink" : "ink-2");
    paint.fillText(mark.name, box[0], y + 4);
  }
}

function paintRounds(paint: Paint, rounds: Round[], at: (spot: Spot) => [number, number]): void {
  paint.lineWidth = 1.8;
  for (const round of rounds) {
    paint.strokeStyle = colour(round.colour);
    paint.globalAlpha = 0.75;
    paint.beginPath();
    round.spots.forEach((spot, i) => (i ? paint.lineTo(...at(spot)) : paint.moveTo(...at(spot))));
    paint.stroke();
  }
  paint.globalAlpha = 1;
}

export function paintMap(canvas: HTMLCanvasElement, view: View, marks: Mark[], rounds: Round[], chosen: string): void {
  const width = canvas.clientWidth,
    height = canvas.clientHeight,
    dense = devicePixelRatio || 1;
  const paint = canvas.getContext("2d");
  if (!paint || width === 0) return;
  canvas.width = Math.round(width * dense);
  canvas.height = Math.round(height * dense);
  paint.scale(dense, dense);
  const at = (spot: Spot) => toPixels(view, spot, width, height);
  paintGrid(paint, view, width, height);
  paintRounds(paint, rounds, at);
  for (const mark of [...marks].sort((a, b) => b.size - a.size)) paintMark(paint, mark, ...at(mark), mark.code === chosen);
  paintNames(paint, marks, at, chosen);
  paintScale(paint, view, width, height);
}

// The map: drag to move, wheel or buttons to enlarge, click or arrow keys to choose. A table beside it says the same in words.
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../base/language";
import { theme } from "../base/theme";
import { paintMap, type Mark, type Round } from "./map_paint";
import { enlarge, fit, toPixels, type View } from "./map_view";

interface MapProps {
  label: string;
  marks: Mark[];
  rounds?: Round[];
  chosen: string;
  onChoose: (code: string) => void;
}

const MARGIN = 44,
  REACH = 16,
  STEP = 1.5;

/** The nearest mark within reach of a finger. */
function nearest(marks: Mark[], view: View, canvas: HTMLCanvasElement, x: number, y: number): Mark | undefined {
  let best: Mark | undefined,
    least = REACH;
  for (const mark of marks) {
    const [mx, my] = toPixels(view, mark, canvas.clientWidth, canvas.clientHeight);
    const distance = Math.hypot(mx - x, my - y) - mark.size / 2;
    if (distance < least) [best, least] = [mark, distance];
  }
  return best;
}

/** The next mark in the direction of an arrow key: near, and not far off the line. */
function beside(marks: Mark[], from: Mark | undefined, key: string): Mark | undefined {
  if (!from) return marks[0];
  const [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[key] ?? [0, 0];
  let best: Mark | undefined,
    least = Infinity;
  for (const mark of marks) {
    const x = mark.longitude - from.longitude,
      y = mark.latitude - from.latitude,
      ahead = x * dx! + y * dy!;
    const cost = ahead > 0 ? ahead + 2 * Math.abs(x * dy! - y * dx!) : Infinity;
    if (mark !== from && cost < least) [best, least] = [mark, cost];
  }
  return best;
}

export function PlaceMap({ label, marks, rounds = [], chosen, onChoose }: MapProps) {
  const place = useRef<HTMLCanvasElement>(null);
  const view = useRef<View | null>(null);
  const drag = useRef<{ x: number; y: number; moved: boolean } | null>(null);
  const [tip, setTip] = useState("");
  const picked = marks.find((mark) => mark.code === (tip || chosen));
  const where = marks.map((mark) => mark.code).join();

  const sight = (): View => (view.current ??= fit(marks, place.current!.clientWidth, place.current!.clientHeight, MARGIN));
  const paint = () => place.current && paintMap(place.current, sight(), marks, rounds, chosen);
  const zoom = (factor: number, x = place.current!.clientWidth / 2, y = place.current!.clientHeight / 2) => {
    view.current = enlarge(sight(), factor, x, y, place.current!.clientWidth, place.current!.clientHeight);
    paint();
  };

  useEffect(() => {
    view.current = null;
  }, [where]);
  useEffect(() => {
    paint();
  }, [marks, rounds, chosen, theme.value]);
  useEffect(() => {
    const watcher = new ResizeObserver(() => {
      view.current = null;
      paint();
    });
    watcher.observe(place.current!);
    return () => watcher.disconnect();
  }, [marks, rounds, chosen]);

  const spot = (event: PointerEvent | WheelEvent | MouseEvent): [number, number] => [event.offsetX, event.offsetY];
  const move = (event: PointerEvent) => {
    const [x, y] = spot(event);
    if (!drag.current) return setTip(nearest(marks, sight(), place.current!, x, y)?.code ?? "");
    const now = sight();
    view.current = { ...now, x: now.x - (x - drag.current.x) / now.scale, y: now.y - (y - drag.current.y) / now.scale };
    drag.current = { x, y, moved: drag.current.moved || Math.hypot(x - drag.current.x, y - drag.current.y) > 2 };
    paint();
  };
  const up = (event: PointerEvent) => {
    const mark = drag.current && !drag.current.moved ? nearest(marks, sight(), place.current!, ...spot(event)) : undefined;
    drag.current = null;
    if (mark) onChoose(mark.code);
  };
  const key = (event: KeyboardEvent) => {
    if (event.key === "+" || event.key === "=") zoom(STEP);
    else if (event.key === "-") zoom(1 / STEP);
    else if (event.key.startsWith("Arrow")) {
      const next = beside(
        marks,
        marks.find((mark) => mark.code === chosen),
        event.key,
      );
      if (next) onChoose(next.code);
    } else return;
    event.preventDefault();
  };

  return (
    <div class="map">
      <canvas
        ref={place}
        tabIndex={0}
        role="img"
        aria-label={`${label}. ${t("map.keys")} ${picked?.text ?? ""}`}
        onPointerDown={(event) => (drag.current = { x: event.offsetX, y: event.offsetY, moved: false })}
        onPointerMove={move}
        onPointerUp={up}
        onPointerLeave={() => ((drag.current = null), setTip(""))}
        onKeyDown={key}
        onWheel={(event) => event.ctrlKey && (event.preventDefault(), zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, ...spot(event)))}
      />
      <div class="zoom">
        <button type="button" class="button icon" aria-label={t("map.closer")} onClick={() => zoom(STEP)}>
          +
        </button>
        <button type="button" class="button icon" aria-label={t("map.farther")} onClick={() => zoom(1 / STEP)}>
          −
        </button>
      </div>
      {picked && <p class="tip">{picked.text}</p>}
    </div>
  );
}

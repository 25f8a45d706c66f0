// A line chart of uPlot, sized by its place, painted in the colours of the theme. The same figures are in a table beside it, so it
// is a picture to those who do not see it.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { colour, theme } from "../base/theme";

export interface Curve {
  name: string;
  colour: string; // name of a colour of the style sheet
  values: (number | null)[];
  dashed?: boolean;
  bars?: boolean;
}

interface ChartProps {
  label: string;
  x: number[]; // seconds since 1970
  curves: Curve[];
  height: number;
  xText: (seconds: number) => string;
  yText: (value: number) => string;
}

const AXIS_WIDTH = 62,
  AXIS_HEIGHT = 30;
const BAR_S = 86400; // a bar is a day, and needs room at both ends

function options(props: ChartProps, width: number): uPlot.Options {
  const grid = { stroke: colour("line"), width: 1 },
    font = "12px " + colour("font");
  const axis = { stroke: colour("ink-3"), font, grid, ticks: { show: false } };
  return {
    width,
    height: props.height,
    padding: [12, 14, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
    scales: {
      x: {
        time: false,
        ...(props.curves[0]?.bars
          ? { range: (_u: uPlot, low: number, high: number) => [low - BAR_S * 0.6, high + BAR_S * 0.6] as [number, number] }
          : {}),
      },
      y: { range: (_u, low, high) => [Math.min(0, low), high > 0 ? high * 1.06 : 1] },
    },
    axes: [
      {
        ...axis,
        size: AXIS_HEIGHT,
        space: 84,
        grid: { show: false },
        values: (_u, ticks) => ticks.map(props.xText),
        incrs: [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 345600],
      },
      { ...axis, size: AXIS_WIDTH, values: (_u, ticks) => ticks.map(props.yText) },
    ],
    series: [
      {},
      ...props.curves.map((curve) => ({
        label: curve.name,
        stroke: colour(curve.colour),
        width: curve.dashed ? 1.5 : 2,
        dash: curve.dashed ? [5, 5] : undefined,
        spanGaps: true,
        points: { show: props.x.length < 32 && !curve.bars, size: 5 },
        ...(curve.bars ? { paths: uPlot.paths.bars?.({ size: [0.6, 44] }), fill: colour(curve.colour) + "66", width: 1 } : {}),
      })),
    ],
  };
}

export function Chart(props: ChartProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shape =
    theme.value +
    props.height +
    props.curves.map((curve) => curve.name + curve.colour + curve.bars).join() +
    props.yText(1e6) +
    props.xText(0);
  const data = [props.x, ...props.curves.map((curve) => curve.values)] as uPlot.AlignedData;

  useEffect(() => {
    const element = place.current!;
    plot.current = new uPlot(options(props, element.clientWidth), data, element);
    const watcher = new ResizeObserver(() => plot.current?.setSize({ width: element.clientWidth, height: props.height }));
    watcher.observe(element);
    return () => {
      watcher.disconnect();
      plot.current?.destroy();
    };
  }, [shape]);
  useEffect(() => plot.current?.setData(data), [props.x, props.curves]);
  return (
    <figure data-lines={JSON.stringify(data)}>
      <div ref={place} class="plot" role="img" aria-label={props.label} style={{ height: `${props.height}px` }} />
      <figcaption class="legend" aria-hidden="true">
        {props.curves.map((curve) => (
          <span key={curve.name}>
            <i class={curve.dashed ? "dashed" : ""} style={{ borderColor: `var(--${curve.colour})` }} />
            {curve.name}
          </span>
        ))}
      </figcaption>
    </figure>
  );
}

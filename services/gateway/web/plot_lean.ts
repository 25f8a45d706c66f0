// Takes out of uPlot what this page never uses (its calendar, its legend, logarithms, splines, steps, joining of tables), a quarter of it, before the
// bundler looks for dead code. The version is pinned; a place that is not found stops the build, so nothing is left out by luck.
import type { Plugin } from "vite";

const CUTS: [RegExp, string][] = [
  [/let isTime = sc\.time;/g, "const isTime = false;"],
  [/let isTime = mode == 1 && scales\[s\.scale\]\.time;/, "const isTime = false;"],
  [/else if \(scaleX\.time\)/, "else if (false)"],
  [/const _tzDate\s+= .*\n\s*const _fmtDate = .*\n/, ""],
  [/const _timeAxisSplits = .*\n\s*const _timeAxisVals .*\n\s*const _timeSeriesVal .*\n/, ""],
  [/const \[ timeIncrsMs, .*\nconst \[ timeIncrsS, .*\n/, ""],
  [/uPlot\.fmtDate = fmtDate;\n\s*uPlot\.tzDate\s+= tzDate;/, ""],
  [/self\.(addSeries|delSeries|addBand|setBand|delBand|posToVal|setLegend) = \w+;/g, ""],
  [/uPlot\.(assign|fmtNum|rangeNum|orient|addGap|clipGaps)\s+= \w+;/g, ""],
  [/uPlot\.join = join;/, ""],
  [/\(paths\.spline\s+= monotoneCubic\);/, ""],
  [/\b(sc|wsc|scale|scaleX)\.distr\s*==\s*(2|3|4|100)\b/g, "false"],
  [/\bxScaleDistr == [234]\b/g, "false"],
  [/sc\.distr >= 3/, "false"],
  [/const mode = u\.mode;/, "const mode = 1;"],
  [/const mode = self\.mode;/, "const mode = 1;"],
  [/uPlot\.rangeLog = .*\nuPlot\.rangeAsinh = .*\n/, ""],
  [/\(paths\.stepped\s*= stepped\);/, ""],
  [/const showLegend = legend\.show;/, "const showLegend = false;"],
];

export function plotLean(): Plugin {
  return {
    name: "plot-lean",
    transform(code, id) {
      if (!id.includes("uPlot.esm.js")) return undefined;
      let lean = code;
      for (const [place, instead] of CUTS) {
        if (lean.search(place) < 0) this.error(`uPlot is not as it was: ${place}`);
        lean = lean.replace(place, instead);
      }
      return { code: lean, map: null };
    },
  };
}

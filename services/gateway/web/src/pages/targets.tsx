// Targets: what has to be reached, what is, at which pace, and what each remaining day has to bring; as a league of outlets.
import { t } from "../base/language";
import { filter, href } from "../base/route";
import { count, day, money, percent, quantity } from "../base/format";
import { useOutlets } from "../data/network";
import type { Target } from "../data/rows";
import { useRows, type Watched } from "../data/watch";
import { Search, Segments, TierChoice } from "../parts/choose";
import { Figure, Figures } from "../parts/figure";
import { Fresh } from "../parts/fresh";
import { Bar, Chip, Tier, type Tone } from "../parts/marks";
import { Sheet, States } from "../parts/sheet";
import { Table, type Column } from "../parts/table";

const ON_PACE = 10000;

export function measured(target: Pick<Target, "metric" | "currency">, value: number): string {
  return target.metric === "revenue" ? money(value, target.currency) : target.metric === "units" ? quantity(value) : count(value);
}

function standing(target: Target): [Tone, string] {
  if (target.reached) return ["good", t("targets.reached")];
  if (target.days_left <= 0) return ["bad", t("targets.missed")];
  if (target.at_risk) return ["bad", t("targets.at_risk")];
  return target.pace_bp >= ON_PACE ? ["good", t("targets.on_pace")] : ["warn", t("targets.behind")];
}

/** The share of its days that have passed: where an even pace would stand. */
function evenPace(target: Target): number {
  return target.pace_bp > 0 ? Math.min(10000, Math.round((target.attained_bp * 10000) / target.pace_bp)) : 0;
}

function columns(outlets: ReturnType<typeof useOutlets>, ranks: Map<string, number>): Column<Target>[] {
  const tierOf = (target: Target) => outlets.map.get(target.outlet)?.tier ?? target.tier;
  return [
    {
      id: "rank",
      name: "#",
      numeric: true,
      sort: (target) => ranks.get(target.target) ?? 0,
      show: (target) => <span class="sub">{count(ranks.get(target.target))}</span>,
    },
    {
      id: "who",
      name: t("targets.who"),
      sort: (target) => outlets.map.get(target.outlet)?.name ?? target.target,
      show: (target) => (
        <span class="two-line">
          {target.outlet ? (
            <a href={href("network", "", { outlet: target.outlet })}>{outlets.map.get(target.outlet)?.name ?? target.outlet}</a>
          ) : (
            <span>{target.tier ? <Tier tier={target.tier} /> : target.category || t("whole")}</span>
          )}
          <span class="sub">{target.target}</span>
        </span>
      ),
    },
    { id: "tier", name: t("tier"), sort: tierOf, show: (target) => <Tier tier={tierOf(target)} /> },
    {
      id: "state",
      name: t("state"),
      sort: (target) => target.pace_bp,
      show: (target) => <Chip tone={standing(target)[0]}>{standing(target)[1]}</Chip>,
    },
    {
      id: "bar",
      name: t("targets.attainment"),
      show: (target) => <Bar bp={target.attained_bp} mark={evenPace(target)} tone={standing(target)[0]} label={t("targets.attainment")} />,
    },
    { id: "attained", name: "%", numeric: true, sort: (target) => target.attained_bp, show: (target) => percent(target.attained_bp) },
    { id: "pace", name: t("pace"), numeric: true, sort: (target) => target.pace_bp, show: (target) => percent(target.pace_bp) },
    {
      id: "achieved",
      name: t("targets.achieved"),
      numeric: true,
      sort: (target) => target.achieved,
      show: (target) => measured(target, target.achieved),
    },
    {
      id: "value",
      name: t("targets.value"),
      numeric: true,
      sort: (target) => target.value,
      show: (target) => measured(target, target.value),
    },
    {
      id: "needed",
      name: t("targets.needed"),
      numeric: true,
      sort: (target) => target.needed_per_day,
      show: (target) => measured(target, target.needed_per_day),
    },
    {
      id: "left",
      name: t("targets.left"),
      numeric: true,
      sort: (target) => target.days_left,
      show: (target) => t("days", { count: count(target.days_left) }),
    },
    { id: "until", name: t("targets.until"), sort: (target) => target.until, show: (target) => day(target.until) },
  ];
}

function Summary({ rows: targets, asked, atMs }: Watched<Target>) {
  const money_ = targets.filter((target) => target.metric === "revenue" && target.outlet);
  const currency = money_[0]?.currency ?? "CNY",
    same = money_.filter((target) => target.currency === currency);
  const sum = (of: (target: Target) => number) => same.reduce((total, target) => total + of(target), 0);
  const value = sum((target) => target.value),
    achieved = sum((target) => target.achieved);
  const shown = (text: string) => (asked ? text : "–");
  return (
    <Figures askedAtMs={atMs}>
      <Figure
        id="attained"
        name={t("targets.attainment")}
        value={shown(percent(value > 0 ? Math.round((achieved * 10000) / value) : undefined))}
        note={shown(t("targets.sum", { achieved: money(achieved, currency), value: money(value, currency) }))}
      />
      <Figure
        id="reached"
        name={t("targets.reached")}
        value={shown(count(targets.filter((target) => target.reached).length))}
        note={t("targets.of", { count: count(targets.length) })}
      />
      <Figure
        id="at_risk"
        name={t("targets.at_risk")}
        value={shown(count(targets.filter((target) => target.at_risk).length))}
        note={t("targets.of", { count: count(targets.length) })}
      />
      <Figure
        id="needed"
        name={t("targets.needed")}
        value={shown(
          money(
            sum((target) => target.needed_per_day),
            currency,
          ),
        )}
        note={t("targets.needed_note")}
      />
    </Figures>
  );
}

export function Targets() {
  const watched = useRows<Target>("targets", {}, 3000),
    outlets = useOutlets();
  const tier = filter("tier"),
    words = filter("find").toLowerCase(),
    only = filter("only");
  const league = [...watched.rows].sort((a, b) => b.attained_bp - a.attained_bp || b.pace_bp - a.pace_bp);
  const ranks = new Map(league.map((target, i) => [target.target, i + 1]));
  const shown = league.filter(
    (target) =>
      (!tier || String(outlets.map.get(target.outlet)?.tier ?? target.tier) === tier) &&
      (!only || (only === "risk" ? target.at_risk : target.reached)) &&
      (!words || `${target.target} ${outlets.map.get(target.outlet)?.name ?? ""}`.toLowerCase().includes(words)),
  );
  return (
    <>
      <Summary {...watched} />
      <Sheet
        title={t("targets.league", { count: count(shown.length) })}
        foot={<Fresh askedAtMs={watched.atMs} />}
        controls={
          <>
            <Segments
              name="only"
              label={t("state")}
              options={[
                { value: "", name: t("all") },
                { value: "risk", name: t("targets.at_risk") },
                { value: "reached", name: t("targets.reached") },
              ]}
            />
            <TierChoice />
            <Search name="find" label={t("find")} />
          </>
        }
      >
        <States
          asked={watched.asked}
          problem={watched.problem}
          empty={shown.length === 0}
          emptyTitle={t("targets.none")}
          emptyText={watched.rows.length ? t("loosen") : t("targets.none_how")}
          lines={12}
        >
          <Table label={t("targets")} columns={columns(outlets, ranks)} rows={shown} rowKey={(target) => target.target} sorted="rank" />
        </States>
      </Sheet>
    </>
  );
}

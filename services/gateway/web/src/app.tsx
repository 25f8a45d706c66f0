// The frame: where one can go, how the line to the network is, and the page.
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "./base/language";
import { now } from "./base/clock";
import { href, page, place, setFilters } from "./base/route";
import { duration } from "./base/format";
import { currency } from "./data/currency";
import { signedIn } from "./data/http";
import { currencies, lastHeardMs, line } from "./data/live";
import { signOut } from "./data/session";
import { EventPage } from "./pages/event";
import { Events } from "./pages/events";
import { Logistics } from "./pages/logistics";
import { Network } from "./pages/network";
import { Sales } from "./pages/sales";
import { SignIn } from "./pages/sign_in";
import { Stock } from "./pages/stock";
import { System } from "./pages/system";
import { Targets } from "./pages/targets";
import { Icon, type IconName } from "./parts/icon";
import { Looks } from "./parts/looks";
import { Blank } from "./parts/sheet";

const PAGES = ["network", "sales", "stock", "logistics", "targets", "events", "system"] as const;
type PageName = (typeof PAGES)[number];
const VIEWS: Record<PageName, () => JSX.Element> = {
  network: Network,
  sales: Sales,
  stock: Stock,
  logistics: Logistics,
  targets: Targets,
  events: Events,
  system: System,
};

function Navigation() {
  return (
    <nav class="nav" aria-label={t("pages")}>
      <a class="brand" href={href("network")} aria-label="Tributary">
        <Icon name="network" />
        <span class="word">Tributary</span>
      </a>
      <ul>
        {PAGES.map((name) => (
          <li key={name}>
            <a href={href(name)} aria-current={page.value === name ? "page" : undefined} aria-label={t(name)}>
              <Icon name={name as IconName} />
              <span class="word">{t(name)}</span>
            </a>
          </li>
        ))}
      </ul>
      <div class="foot">
        <Looks />
        <Leave />
      </div>
    </nav>
  );
}

function Leave() {
  return (
    <button type="button" class="button icon" aria-label={t("sign_out")} onClick={() => void signOut()}>
      <Icon name="leave" />
    </button>
  );
}

function LineState() {
  const tone = line.value === "live" ? "good" : line.value === "connecting" ? "" : "bad";
  return (
    <span class="link-state" role="status" data-line={line.value}>
      <i class={`dot ${tone}`} />
      {t(`line.${line.value}`)}
    </span>
  );
}

function CurrencyChoice() {
  if (currencies.value.length < 2) return null;
  return (
    <label class="field">
      <span class="hush">{t("currency")}</span>
      <select value={currency.value} onChange={(event) => setFilters({ currency: event.currentTarget.value })}>
        {currencies.value.map((code) => (
          <option key={code} value={code}>
            {code}
          </option>
        ))}
      </select>
    </label>
  );
}

/** What is on the page stays; how old it is by now is said above it. */
function Banner() {
  if (line.value === "live" || line.value === "connecting") return null;
  const age = lastHeardMs.value ? duration(Math.max(0, Math.round((now.value - lastHeardMs.value) / 1000))) : "";
  return (
    <p class="banner">
      {t(line.value === "offline" ? "banner.offline" : "banner.waiting")} {age && t("banner.age", { age })}
    </p>
  );
}

export function App() {
  const content = useRef<HTMLElement>(null),
    name = page.value as PageName,
    argument = place.value.argument;
  const title = VIEWS[name] ? t(name) : t("no_page");
  useEffect(() => {
    document.title = `${title} · Tributary`;
  }, [title]);
  const first = useRef(true);
  useEffect(() => {
    // A new page begins at its top, for the eye and for the keyboard.
    if (!first.current) content.current?.focus({ preventScroll: true });
    first.current = false;
    scrollTo(0, 0);
  }, [name, argument]);
  if (signedIn.value === "no") return <SignIn />;
  const View = name === "events" && argument ? EventPage : VIEWS[name];
  return (
    <div class="frame">
      <a class="skip" href="#content" onClick={(event) => (event.preventDefault(), content.current?.focus())}>
        {t("skip")}
      </a>
      <Navigation />
      <div class="main">
        <header class="top">
          <h1>{title}</h1>
          <CurrencyChoice />
          <LineState />
          <span class="phone controls">
            <Looks />
            <Leave />
          </span>
        </header>
        <Banner />
        <main class="content" id="content" tabIndex={-1} ref={content}>
          {View ? (
            <View key={name + argument} />
          ) : (
            <Blank title={t("no_page")} text={t("no_page_why")}>
              <a href={href("network")}>{t("network")}</a>
            </Blank>
          )}
        </main>
      </div>
    </div>
  );
}

// How the page looks to its reader: language and light or dark.
import { language, setLanguage, t } from "../base/language";
import { setTheme, theme } from "../base/theme";
import { Icon } from "./icon";

export function Looks() {
  const other = language.value === "en" ? "zh-CN" : "en",
    dark = theme.value === "dark";
  return (
    <>
      <button type="button" class="button" lang={other} onClick={() => setLanguage(other)}>
        {other === "en" ? "EN" : "中文"}
      </button>
      <button
        type="button"
        class="button icon"
        aria-label={t(dark ? "theme.light" : "theme.dark")}
        onClick={() => setTheme(dark ? "light" : "dark")}
      >
        <Icon name={dark ? "sun" : "moon"} />
      </button>
    </>
  );
}

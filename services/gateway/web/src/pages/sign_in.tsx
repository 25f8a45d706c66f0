// The door: a token, made by the operator, becomes a session of this browser. The page itself never keeps it.
import { useState } from "preact/hooks";
import { t } from "../base/language";
import { signIn } from "../data/session";
import type { Problem } from "../data/http";
import { Icon } from "../parts/icon";
import { problemText } from "../parts/sheet";
import { Looks } from "../parts/looks";

export function SignIn() {
  const [token, setToken] = useState(""),
    [problem, setProblem] = useState(""),
    [busy, setBusy] = useState(false);
  const enter = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setProblem("");
    try {
      await signIn(token.trim());
    } catch (error) {
      const one = error as Problem;
      setProblem(one.status === 401 || one.status === 403 ? t("sign_in.wrong") : problemText(one));
    }
    setBusy(false);
  };
  return (
    <main class="sign-in">
      <form class="sheet" onSubmit={(event) => void enter(event)}>
        <h1 class="brand">
          <Icon name="network" />
          Tributary
        </h1>
        <label for="token">{t("sign_in.token")}</label>
        <input
          id="token"
          type="password"
          autocomplete="current-password"
          required
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
          aria-describedby="token-how"
        />
        <p class="sub" id="token-how">
          {t("sign_in.how")}
        </p>
        <p class="error" role="alert">
          {problem}
        </p>
        <button type="submit" class="button primary" disabled={busy || !token.trim()}>
          {t("sign_in.enter")}
        </button>
        <div class="controls">
          <Looks />
        </div>
      </form>
    </main>
  );
}

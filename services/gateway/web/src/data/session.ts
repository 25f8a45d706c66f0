// A session: a token is changed into a cookie that no script can read. What acts, not reads, also carries a word that only this
// page was told.
import { call, csrf, signedIn } from "./http";
import { askAllAgain } from "./watch";

interface Session {
  csrf: string;
}

/** Asks who we are; a gateway that is not reached is asked again by whoever wants something of it. */
export async function begin(): Promise<void> {
  try {
    csrf.value = ((await call("/v1/session")) as Session).csrf;
  } catch {
    // 401 has made us signed out already
  }
}

export async function signIn(token: string): Promise<void> {
  const session = (await call("/v1/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  })) as Session;
  csrf.value = session.csrf;
  signedIn.value = "yes";
  askAllAgain();
}

export async function signOut(): Promise<void> {
  try {
    await call("/v1/session", { method: "DELETE", headers: { "X-CSRF-Token": csrf.value } });
  } finally {
    // What one reader saw is not for the next: everything is forgotten with the page.
    signedIn.value = "no";
    location.reload();
  }
}

// Begins: style, the line to the network, the page.
import { render } from "preact";
import "@preact/signals";
import "./style/tokens.css";
import "./style/frame.css";
import "./style/parts.css";
import "./style/pictures.css";
import { App } from "./app";
import { effect } from "@preact/signals";
import { signedIn } from "./data/http";
import { begin } from "./data/session";
import { start, stop } from "./data/live";

effect(() => (signedIn.value === "no" ? stop() : start()));
void begin();
render(<App />, document.getElementById("app")!);

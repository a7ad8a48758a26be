// The interface over invented data, for work on it without an agent: `npm run dev`, then /dev/index.html.
// ?stage=no_profile | locked | unregistered shows the first run, ?stage=child an
// account with a guardian.
import { createRoot } from "react-dom/client";
import { Root } from "../src/root";
import { App } from "../src/state/app";
import { keepTheme } from "../src/state/preferences";
import "../src/styles/index.css";
import { FixtureTransport } from "./fixture";

keepTheme();
const stage = new URLSearchParams(window.location.search).get("stage") ?? "ready";
const app = new App(new FixtureTransport(stage));
const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<Root app={app} />);

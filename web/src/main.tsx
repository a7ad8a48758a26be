import { createRoot } from "react-dom/client";
import { App } from "./state/app";
import { keepTheme } from "./state/preferences";
import { Root } from "./root";
import { AgentTransport } from "./transport/agent";
import { takeToken } from "./transport/token";
import "./styles/index.css";

keepTheme();
const token = takeToken();
const app = token === undefined ? undefined : new App(new AgentTransport(window.location.origin, token));
const root = document.getElementById("root");
if (root !== null) createRoot(root).render(<Root app={app} />);

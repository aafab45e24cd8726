/** Starts the console. */
import "@fontsource-variable/inter/wght.css";
import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./theme/tokens.css";
import "./theme/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/app.js";
import { followOtherWindows, resumeSession } from "./session/session-store.js";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");

followOtherWindows();
void resumeSession();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

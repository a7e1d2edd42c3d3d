// Where the pages begin.
import "./zod-without-eval.ts";
import "./tokens.css";
import "./base.css";
import "#web/app/app.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "#web/app/app.tsx";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element with the id root");
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);

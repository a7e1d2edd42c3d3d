// Where the pages begin.
import "./zod-without-eval.ts";
import "./tokens.css";
import "./base.css";
import "#web/app/app.css";
import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { tellDocument } from "#web/words/language.ts";
import { pagesRouter } from "./routes.tsx";
import { answers } from "./use-resource.ts";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element with the id root");
tellDocument();
const router = pagesRouter();
// A screen reader and the Tab key go on from the new page, not from the link that is gone.
router.subscribe("onResolved", ({ pathChanged, fromLocation }) => {
  // Whoever types in the header's search stays there.
  if (document.activeElement instanceof HTMLInputElement) return;
  if (pathChanged && fromLocation !== undefined)
    document.getElementById("content")?.focus({ preventScroll: true });
});
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={answers}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);

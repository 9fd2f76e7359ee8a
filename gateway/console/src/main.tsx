import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queryClient } from "./api/queries.ts";
import { Appearance } from "./app/appearance.tsx";
import { markStyles } from "./app/nonce.ts";
import { router } from "./app/router.tsx";
import { startTexts } from "./i18n/start.ts";

// How it looks: what all share, then what only one folder has. They come in this order.
import.meta.glob("./ui/look.css", { eager: true });
import.meta.glob("./ui/*/look.css", { eager: true });
import.meta.glob("./app/look.css", { eager: true });
import.meta.glob("./features/*/look.css", { eager: true });

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root.");

function show(at: HTMLElement): void {
  createRoot(at).render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <Appearance>
          <RouterProvider router={router} />
        </Appearance>
      </QueryClientProvider>
    </StrictMode>,
  );
}

markStyles();
// Not awaited here: the texts' file imports this one, and each would wait for the other.
startTexts().then(() => show(root));

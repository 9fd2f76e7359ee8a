import { useNavigate } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { usePreferences } from "../api/preferences.ts";
import { isTyping, PLACES } from "../lib/keyboard.ts";

/** Keys that work on every page: Ctrl K and / search, g and a letter go somewhere. */
export function useShortcuts(openPalette: () => void): void {
  const navigate = useNavigate();
  const { shortcuts } = usePreferences();
  const going = useRef(0);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        openPalette();
      }
      if (!shortcuts || isTyping(event) || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "/") {
        event.preventDefault();
        openPalette();
      } else if (event.key === "g") {
        going.current = event.timeStamp;
      } else if (event.timeStamp - going.current < 1_500 && PLACES[event.key]) {
        going.current = 0;
        navigate({ to: PLACES[event.key] as string, search: {} });
      }
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  });
}

import { useSyncExternalStore } from "react";

const phone = matchMedia("(max-width: 767px)");

function subscribe(listener: () => void): () => void {
  phone.addEventListener("change", listener);
  return () => phone.removeEventListener("change", listener);
}

/** Whether the window is as narrow as a phone's; look.css divides at the same width. */
export function usePhone(): boolean {
  return useSyncExternalStore(subscribe, () => phone.matches);
}

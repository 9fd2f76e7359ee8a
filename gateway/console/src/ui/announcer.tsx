import { useSyncExternalStore } from "react";

let message = { text: "", number: 0 };
const listeners = new Set<() => void>();

/** Let screen readers say something that the page shows for a moment only. */
export function speak(text: string): void {
  message = { text, number: message.number + 1 };
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The place that screen readers watch: there from the first, as they miss what comes with its own place. */
export function Announcer() {
  const { text, number } = useSyncExternalStore(subscribe, () => message);
  return (
    <div role="status" className="k-hidden">
      {text && (
        <p key={number} className="k-announced">
          {text}
        </p>
      )}
    </div>
  );
}

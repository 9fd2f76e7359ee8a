/** What the tabs of one browser tell each other. */
export type Message =
  | { kind: "signed-in"; person: string }
  | { kind: "signed-out" }
  | { kind: "language"; language: "zh" | "en" }
  | { kind: "unread"; unread: number };

const channel = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel("kehu");

export function announce(message: Message): void {
  channel?.postMessage(message);
}

export function listen(handler: (message: Message) => void): () => void {
  const receive = (event: MessageEvent<Message>) => handler(event.data);
  channel?.addEventListener("message", receive);
  return () => channel?.removeEventListener("message", receive);
}

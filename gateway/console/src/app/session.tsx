import { Alert, App, Button, Modal } from "antd";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { onLate, onSessionEnd, onVersion } from "../api/call.ts";
import { signOut, useMe } from "../api/me.ts";
import { changeLanguage } from "../i18n/start.ts";
import { announce, listen } from "../lib/tabs.ts";

const SignInForm = lazy(() => import("./login.tsx").then((module) => ({ default: module.SignInForm })));

/** Asks for the password over the page when the session has ended, so that what was typed is not lost. */
export function SessionDialog() {
  const { t } = useTranslation();
  const me = useMe();
  const [asking, setAsking] = useState(false);
  const waiting = useRef<(() => void)[]>([]);
  const answer = () => {
    setAsking(false);
    for (const resume of waiting.current.splice(0)) resume();
  };
  useEffect(() => {
    onSessionEnd(() => {
      setAsking(true);
      return new Promise<void>((resume) => waiting.current.push(resume));
    });
    return listen((message) => {
      if (message.kind === "language") changeLanguage(message.language);
      // Another person signed in elsewhere in this browser: nothing on this page is theirs.
      else if (message.kind === "signed-in" && message.person !== me.id) location.assign("/");
      else if (message.kind === "signed-in") answer();
      else if (message.kind === "signed-out") location.assign("/login");
    });
  });
  return (
    <Modal
      open={asking}
      closable={false}
      mask={{ closable: false }}
      keyboard={false}
      footer={null}
      title={t("session.ended")}
      destroyOnHidden
    >
      <p style={{ marginBottom: 16 }}>{t("session.why")}</p>
      <Suspense>{asking && <SignInForm username={me.username} onDone={answer} />}</Suspense>
      <Button type="link" block href="/login" style={{ marginTop: 8 }}>
        {t("session.other")}
      </Button>
    </Modal>
  );
}

/** End the session here and in all tabs. The page is left as a whole, so that nothing of it stays in memory. */
export async function leave(): Promise<void> {
  await signOut();
  announce({ kind: "signed-out" });
  location.assign("/login");
}

/** Says so while an answer is late, so that nobody takes the page for broken or saves again elsewhere. */
export function useLateNotice(): void {
  const { notification } = App.useApp();
  const { t } = useTranslation();
  useEffect(() => {
    onLate((late) => {
      if (late) notification.info({ key: "late", title: t("fault.late"), duration: 0, role: "status" });
      else notification.destroy("late");
    });
  }, [notification, t]);
}

/** Says so when the gateway serves a newer console than this tab runs. */
export function VersionNotice() {
  const { t } = useTranslation();
  const first = useRef<string>(undefined);
  const [newer, setNewer] = useState(false);
  useEffect(() => {
    onVersion((version) => {
      first.current ??= version;
      setNewer(version !== first.current);
    });
  }, []);
  if (!newer) return null;
  return (
    <Alert
      banner
      type="info"
      title={t("version.title")}
      action={
        <Button size="small" onClick={() => location.reload()}>
          {t("version.reload")}
        </Button>
      }
    />
  );
}

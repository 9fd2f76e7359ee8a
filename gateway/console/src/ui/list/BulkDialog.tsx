import { Alert, Modal, Progress } from "antd";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Problem } from "../../api/problem.ts";
import { queryClient } from "../../api/queries.ts";
import { useProblemText } from "../feedback.ts";
import type { BulkAction } from "./Bulk.tsx";
import type { Row } from "./columns.tsx";

interface Result {
  row: Row;
  fault?: unknown;
}

/** Rows that are changed at the same time: quick, and a server's other callers notice nothing. */
const AT_ONCE = 4;

interface DialogProperties {
  action: BulkAction;
  rows: Row[];
  onClose: (done: boolean) => void;
}

/** Read what the page shows again; who is signed in, and how they like the console, does not change with rows. */
function readAgain(): void {
  queryClient.invalidateQueries({
    predicate: ({ queryKey }) => queryKey[0] !== "auth" || queryKey.at(-1) === "pages",
  });
}

/** Asks, changes one row after the other, and says what became of each. */
export default function BulkDialog({ action, rows, onClose }: DialogProperties) {
  const { t } = useTranslation();
  const words = useProblemText();
  const allowed = rows.filter(action.allowed);
  const [value, setValue] = useState<unknown>();
  const [results, setResults] = useState<Result[]>([]);
  const [running, setRunning] = useState(false);
  const stopped = useRef(false);
  const content = useRef<HTMLDivElement>(null);
  const ended = !running && results.length > 0;
  const faults = results.filter(({ fault }) => fault);

  async function start() {
    setRunning(true);
    const waiting = [...allowed];
    const worker = async () => {
      for (let row = waiting.shift(); row && !stopped.current; row = waiting.shift()) {
        const result = await action.run(row, value).then(
          () => ({ row: row as Row }),
          (fault) => ({ row: row as Row, fault }),
        );
        setResults((before) => [...before, result]);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    setRunning(false);
    if (stopped.current) readAgain();
  }
  // The rows may be gone when they are read again, and this dialog with them: so its results come first.
  const close = () => {
    if (results.length > 0) readAgain();
    onClose(results.length > 0);
  };

  return (
    <Modal
      open
      title={t("bulk.title", { action: action.label, count: allowed.length })}
      onCancel={() => {
        stopped.current = true;
        close();
      }}
      mask={{ closable: false }}
      okText={ended ? t("close") : action.label}
      cancelText={running ? t("bulk.stop") : t("cancel")}
      cancelButtonProps={ended ? { style: { display: "none" } } : {}}
      okButtonProps={{ loading: running, disabled: Boolean(action.ask) && !value }}
      onOk={() => (ended ? close() : start())}
      afterOpenChange={(open) => open && content.current?.querySelector("input")?.focus()}
    >
      <div className="k-stack" ref={content}>
        {allowed.length < rows.length && (
          <Alert type="info" showIcon title={t("bulk.notAllowed", { count: rows.length - allowed.length })} />
        )}
        {action.ask && !running && !ended && action.ask(setValue)}
        {(running || ended) && (
          <div role="status">
            <Progress
              percent={Math.round((100 * results.length) / allowed.length)}
              status={faults.length ? "exception" : undefined}
            />
            {ended && t("bulk.ended", { done: results.length - faults.length, failed: faults.length })}
          </div>
        )}
        {faults.length > 0 && (
          <ul className="k-stack" style={{ gap: 4, maxHeight: 240, overflow: "auto" }}>
            {faults.map(({ row, fault }) => (
              <li key={row.id}>
                <b>{action.name(row)}</b> {fault instanceof Problem ? words(fault) : String(fault)}
              </li>
            ))}
          </ul>
        )}
      </div>
    </Modal>
  );
}

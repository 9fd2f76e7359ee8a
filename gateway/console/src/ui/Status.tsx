import {
  CheckCircleOutlined,
  ClockCircleOutlined,
  CloseCircleOutlined,
  ExclamationCircleOutlined,
  InboxOutlined,
  MinusCircleOutlined,
  PauseCircleOutlined,
  RollbackOutlined,
  WarningOutlined,
} from "@ant-design/icons";
import { Tag } from "antd";
import type { ReactNode } from "react";

export type Tone = "blue" | "amber" | "red" | "green" | "grey";

/** A mark is a glyph with its colour, so that no state depends on colour alone. */
export type Mark = keyof typeof MARKS;

function Pie({ part }: { part: 0 | 1 | 2 | 3 }) {
  const ends = [
    "",
    "M8 8V2.5A5.5 5.5 0 0 1 13.5 8Z",
    "M8 2.5a5.5 5.5 0 0 1 0 11Z",
    "M8 8H2.5A5.5 5.5 0 1 0 8 2.5Z",
  ];
  return (
    <span className="anticon" aria-hidden>
      <svg width="1em" height="1em" viewBox="0 0 16 16" aria-hidden="true">
        <circle
          cx="8"
          cy="8"
          r="6.2"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.4"
          strokeDasharray={part ? undefined : "2.6 2.2"}
        />
        {part > 0 && <path d={ends[part]} fill="currentColor" />}
      </svg>
    </span>
  );
}

const MARKS = {
  new: ["grey", <Pie key="0" part={0} />],
  assigned: ["blue", <Pie key="1" part={1} />],
  working: ["blue", <Pie key="2" part={2} />],
  handled: ["blue", <Pie key="3" part={3} />],
  paused: ["blue", <PauseCircleOutlined key="4" />],
  due: ["amber", <ClockCircleOutlined key="5" />],
  warning: ["amber", <WarningOutlined key="6" />],
  again: ["amber", <RollbackOutlined key="7" />],
  late: ["red", <ExclamationCircleOutlined key="8" />],
  failed: ["red", <CloseCircleOutlined key="9" />],
  done: ["green", <CheckCircleOutlined key="10" />],
  archived: ["green", <InboxOutlined key="11" />],
  ended: ["grey", <MinusCircleOutlined key="12" />],
} satisfies Record<string, [Tone, ReactNode]>;

const COLOURS: Record<Tone, string> = {
  blue: "processing",
  amber: "warning",
  red: "error",
  green: "success",
  grey: "default",
};

/** The glyph of a mark alone, for timelines. */
export function Glyph({ mark }: { mark: Mark }) {
  const [tone, glyph] = MARKS[mark];
  return <span data-tone={tone}>{glyph}</span>;
}

/** A state: glyph and word in tables, a tag elsewhere. */
export function Status({
  mark,
  children,
  tag = false,
}: {
  mark: Mark | undefined;
  children: ReactNode;
  tag?: boolean;
}) {
  const [tone, glyph] = MARKS[mark ?? "new"];
  if (tag)
    return (
      <Tag variant="filled" color={COLOURS[tone]} icon={glyph}>
        {children}
      </Tag>
    );
  return (
    <span className="k-status" data-tone={tone}>
      {glyph}
      {children}
    </span>
  );
}

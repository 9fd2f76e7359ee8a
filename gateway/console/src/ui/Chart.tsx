import { BarChart, type BarSeriesOption, PieChart } from "echarts/charts";
import { AriaComponent, GridComponent } from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { useEffect, useRef } from "react";
import { usePhone } from "../lib/screen.ts";
import { useDark } from "./appearance.ts";
import { chartColours, dark, light } from "./colours.ts";

echarts.use([BarChart, PieChart, GridComponent, AriaComponent, SVGRenderer]);

/** A bar or a part of a circle: how long it is drawn, and the figure as the table below has it. */
export interface Part {
  key: string;
  label: string;
  value: number;
  text: string;
  /** A part of the value, drawn as a bar of its own. */
  inner?: { value: number; text: string };
}

interface Properties {
  kind: "bars" | "circle";
  /** What the chart shows; with the parts it is the text for those who do not see it. */
  label: string;
  parts: Part[];
  /** Called with the key of what was pressed. The table beneath offers the same to the keyboard. */
  onPick: (key: string) => void;
}

/** Pixels of a bar with the room around it. */
const BAR = 32;
const INNER = 18;

/** A chart. It always stands above its table, which has the same figures. */
export function Chart({ kind: wanted, label, parts, onPick }: Properties) {
  // On a phone a circle has no room for the names around it.
  const kind = usePhone() ? "bars" : wanted;
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<echarts.ECharts>(undefined);
  const isDark = useDark();
  const pick = useRef(onPick);
  pick.current = onPick;
  const shown = useRef(parts);
  shown.current = parts;

  useEffect(() => {
    const element = box.current as HTMLDivElement;
    const made = echarts.init(element, null, { renderer: "svg" });
    chart.current = made;
    // A label of the axis names itself; a bar or a part of the circle has an index.
    const partAt = ({ dataIndex, componentType, value }: echarts.ECElementEvent) =>
      shown.current[componentType === "yAxis" ? Number(value) : dataIndex];
    made.on("click", (event) => {
      const part = partAt(event);
      if (part) pick.current(part.key);
    });
    // Names that are cut are whole in the tooltip; the browser's own is enough.
    made.on("mouseover", (event) => {
      element.title = partAt(event)?.label ?? "";
    });
    made.on("mouseout", () => element.removeAttribute("title"));
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.dispose();
    };
  }, []);

  // Parts that are made anew for each rendering but say the same need no new drawing.
  const content = JSON.stringify(parts);
  useEffect(() => {
    const element = box.current as HTMLDivElement;
    const parts: Part[] = JSON.parse(content);
    const option = kind === "bars" ? bars(parts, isDark) : circle(parts, isDark);
    const fontFamily = getComputedStyle(element).fontFamily;
    chart.current?.setOption(
      { ...shared(isDark, fontFamily, kind === "circle" || parts.some((part) => part.inner)), ...option },
      { notMerge: true },
    );
    chart.current?.resize();
  }, [kind, content, isDark]);

  const inner = parts.some((part) => part.inner);
  const height = kind === "bars" ? parts.length * (BAR + (inner ? INNER : 0)) + 8 : 260;
  const words = parts.map((part) => [part.label, part.text, part.inner?.text].filter(Boolean).join(" "));
  return (
    <div
      ref={box}
      role="img"
      aria-label={`${label}: ${words.join("; ")}`}
      className="k-chart"
      style={{ height }}
    />
  );
}

function shared(isDark: boolean, fontFamily: string, patterns: boolean): echarts.EChartsCoreOption {
  const colours = isDark ? dark : light;
  return {
    animation: false,
    color: chartColours[isDark ? "dark" : "light"],
    textStyle: { fontFamily, fontSize: 12, color: colours.text },
    // One series of bars needs no pattern: each has its name beside it.
    aria: { enabled: true, label: { enabled: false }, decal: { show: patterns } },
  };
}

/** About how many pixels a text takes: Chinese characters are as wide as they are high, others half of it. */
function widthOf(text: string): number {
  return [...text].reduce((sum, sign) => sum + (sign > "\u2e7f" ? 12 : 7.5), 0);
}

function bars(parts: Part[], isDark: boolean): echarts.EChartsCoreOption {
  const colours = isDark ? dark : light;
  const series = (texts: string[], values: number[]): BarSeriesOption => ({
    type: "bar",
    barMaxWidth: 20,
    barGap: "15%",
    itemStyle: { borderRadius: 3 },
    data: values.map((value, index) => ({
      value,
      // Beside the bar where it ends; a negative one ends on the left.
      label: { position: value < 0 ? "left" : "right", formatter: () => texts[index] ?? "" },
    })),
    label: { show: true, color: colours.text, fontSize: 12 },
  });
  const inner = parts.some((part) => part.inner);
  const negative = parts.some((part) => part.value < 0);
  const texts = parts.flatMap((part) => [part.text, part.inner?.text ?? ""]);
  return {
    grid: {
      left: 0,
      right: Math.max(0, ...texts.map(widthOf)) + 8,
      top: 4,
      bottom: 4,
      outerBoundsMode: "same",
      outerBoundsContain: "all",
    },
    // The longest bar ends where the room for its figure begins; on the left only negative ones need some.
    xAxis: { type: "value", show: false, max: "dataMax", boundaryGap: [negative ? "30%" : 0, 0] },
    yAxis: {
      type: "category",
      inverse: true,
      triggerEvent: true,
      data: parts.map((_, index) => String(index)),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colours.line } },
      axisLabel: {
        color: colours.text,
        fontSize: 12,
        width: 132,
        overflow: "truncate",
        formatter: (index: string) => parts[Number(index)]?.label ?? "",
      },
    },
    series: [
      series(
        parts.map((part) => part.text),
        parts.map((part) => part.value),
      ),
      ...(inner
        ? [
            series(
              parts.map((part) => part.inner?.text ?? ""),
              parts.map((part) => part.inner?.value ?? 0),
            ),
          ]
        : []),
    ],
  };
}

function circle(parts: Part[], isDark: boolean): echarts.EChartsCoreOption {
  const colours = isDark ? dark : light;
  return {
    series: [
      {
        type: "pie",
        radius: ["45%", "72%"],
        startAngle: 90,
        minShowLabelAngle: 1,
        itemStyle: { borderColor: colours.sheet, borderWidth: 2 },
        label: {
          color: colours.text,
          fontSize: 12,
          lineHeight: 16,
          formatter: ({ dataIndex }: { dataIndex: number }) =>
            `${parts[dataIndex]?.label ?? ""}\n${parts[dataIndex]?.text ?? ""}`,
        },
        labelLine: { lineStyle: { color: colours.fieldEdge } },
        data: parts.map(({ label, value }) => ({ name: label, value })),
      },
    ],
  };
}

// What all our charts share: colours from CSS variables, quiet axes, and a note in words for those who do not see them.
export { onModeChange } from "./map/colors.js";
import { readColors } from "./map/colors.js";

export function look(element) {
  const colors = readColors(element);
  const text = { color: colors.muted, fontFamily: colors.font, fontSize: 12 };
  return {
    colors,
    text,
    axis: {
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: { ...text, hideOverlap: true },
      splitLine: { lineStyle: { color: colors.line } },
      nameTextStyle: { ...text, align: "left" },
    },
    tooltip: {
      trigger: "axis",
      backgroundColor: colors.surface,
      borderColor: colors.line,
      padding: [8, 12],
      textStyle: { ...text, color: colors.ink, fontSize: 13 },
      axisPointer: { lineStyle: { color: colors.control }, shadowStyle: { color: colors.line, opacity: 0.5 } },
    },
  };
}

export function fade(color, alpha) {
  return color.replace("rgb(", "rgba(").replace(")", `, ${alpha})`);
}

// ECharts knows local time and UTC only: moments are shifted so that UTC reads as the location's clock.
export function zoneShift(zone) {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  });
  const offsets = new Map();
  return (ms) => {
    const quarter = Math.floor(ms / 900_000) * 900_000;
    if (!offsets.has(quarter)) {
      const p = Object.fromEntries(format.formatToParts(quarter).map((part) => [part.type, Number(part.value)]));
      offsets.set(quarter, Date.UTC(p.year, p.month - 1, p.day, p.hour, p.minute, p.second) - quarter);
    }
    return ms + offsets.get(quarter);
  };
}

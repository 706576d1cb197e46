// Power and energy over time. Keeps its own arrays: a new point costs one small message and one redraw.
import { echarts } from "nicegui-echart";

const MINUTE = 60_000;

export default {
  template: `<div class="vd-chart" role="img" :aria-label="summary"></div>`,
  props: { zone: String, language: String, points: Array, most: Number, title: String, staticUrl: String },
  data: () => ({ latest: "" }),
  computed: {
    summary() {
      return this.latest ? `${this.title}: ${this.latest}` : this.title;
    },
  },
  async mounted() {
    this.data = [...this.points];
    this.asked ||= this.data.length > 0;
    const { look, fade, zoneShift, onModeChange } = await import(`${window.path_prefix ?? ""}${this.staticUrl}/chart_style.js`);
    if (!this.$el.isConnected) return;
    Object.assign(this, { look, fade, shift: zoneShift(this.zone) });
    this.number = new Intl.NumberFormat(this.language, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
    this.chart = echarts.init(this.$el, null, { renderer: "canvas" });
    this.dress();
    this.stopMode = onModeChange(() => this.dress());
    this.observer = new ResizeObserver(() => this.chart.resize());
    this.observer.observe(this.$el);
    this.$el.dataset.ready = "true";
  },
  unmounted() {
    this.stopMode?.();
    this.observer?.disconnect();
    this.chart?.dispose();
  },
  methods: {
    append(points) {
      for (const point of points) {
        if (this.data.length && this.data.at(-1)[0] === point[0]) this.data.pop();
        this.data.push(point);
      }
      if (this.data.length > this.most) this.data.splice(0, this.data.length - this.most);
      this.redraw();
    },
    load(points) {
      this.data = [...points];
      this.asked = true;
      this.redraw();
    },
    // How many points are on show, for tests and other scripts.
    count() {
      return this.data.length;
    },
    redraw() {
      if (!this.chart) return;
      const knowsBattery = this.data.some((point) => typeof point[3] === "number");
      const some = this.data.length > 0;
      // Without a point the axes would show a day made up; a single one would be stretched over the width.
      this.chart.setOption({ xAxis: { show: some, max: (x) => Math.max(x.max, x.min + MINUTE) }, yAxis: [{ show: some }, { show: some }], graphic: { elements: [{ id: "nothing", invisible: some || !this.asked }] } });
      this.chart.setOption({ legend: { show: some, data: ["Power, kW", "Energy, kWh", ...(knowsBattery ? ["Battery, %"] : [])] }, series: [{ data: this.line(1) }, { data: this.line(2) }, { data: knowsBattery ? this.line(3) : [] }] });
      const last = this.data.at(-1);
      if (last) this.latest = [last[1] === null ? "" : `${this.number.format(last[1])} kW`, last[2] === null ? "" : `${this.number.format(last[2])} kWh`].filter(Boolean).join(", ");
      this.$el.dataset.points = this.data.length;
    },
    line(column) {
      return this.data.map((point) => [this.shift(point[0]), point[column]]);
    },
    dress() {
      const { colors, text, axis, tooltip } = this.look(this.$el);
      const y = { type: "value", min: 0, ...axis };
      this.chart.setOption({
        useUTC: true,
        animation: false,
        grid: { left: 36, right: 40, top: 38, bottom: 26 },
        legend: { top: 0, left: 0, itemWidth: 14, itemHeight: 8, icon: "roundRect", textStyle: { ...text, fontSize: 13 }, data: ["Power, kW", "Energy, kWh"] },
        tooltip: { ...tooltip, valueFormatter: (v) => (v === null || v === undefined ? "–" : this.number.format(v)) },
        xAxis: { type: "time", ...axis, splitLine: { show: false }, axisLabel: { ...axis.axisLabel, formatter: { day: "{d} {MMM}", hour: "{HH}:{mm}", minute: "{HH}:{mm}", second: "{HH}:{mm}:{ss}" } } },
        graphic: { elements: [{ id: "nothing", type: "text", left: "center", top: "middle", silent: true, style: { text: "No meter values yet", fill: colors.muted, fontSize: 14, fontFamily: colors.font } }] },
        yAxis: [y, { ...y, splitLine: { show: false } }, { type: "value", min: 0, max: 100, show: false }],
        series: [
          { name: "Power, kW", type: "line", showSymbol: false, smooth: 0.2, lineStyle: { width: 2, color: colors.accent }, itemStyle: { color: colors.accent },
            areaStyle: { color: new echarts.graphic.LinearGradient(0, 0, 0, 1, [{ offset: 0, color: this.fade(colors.accent, 0.22) }, { offset: 1, color: this.fade(colors.accent, 0) }]) } },
          { name: "Energy, kWh", type: "line", yAxisIndex: 1, showSymbol: false, lineStyle: { width: 2, type: [6, 4], color: colors.muted }, itemStyle: { color: colors.muted } },
          { name: "Battery, %", type: "line", yAxisIndex: 2, showSymbol: false, connectNulls: true, lineStyle: { width: 2, type: [2, 4], color: colors.violet }, itemStyle: { color: colors.violet } },
        ],
      });
      this.redraw();
    },
  },
};

// One bar per label.
import { echarts } from "nicegui-echart";

export default {
  template: `<div class="vd-chart" role="img" :aria-label="title"></div>`,
  props: { bars: Array, unit: String, language: String, title: String, staticUrl: String },
  async mounted() {
    this.data = [...this.bars];
    const { look, onModeChange } = await import(`${window.path_prefix ?? ""}${this.staticUrl}/chart_style.js`);
    if (!this.$el.isConnected) return;
    this.look = look;
    this.number = new Intl.NumberFormat(this.language, { maximumFractionDigits: 1 });
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
    load(bars) {
      this.data = [...bars];
      if (this.chart) this.dress();
    },
    dress() {
      const { colors, axis, tooltip } = this.look(this.$el);
      this.chart.setOption({
        animation: false,
        grid: { left: 44, right: 8, top: 30, bottom: 28 },
        tooltip: { ...tooltip, axisPointer: { type: "shadow", ...tooltip.axisPointer }, valueFormatter: (v) => `${this.number.format(v)} ${this.unit}` },
        xAxis: { type: "category", data: this.data.map(([label]) => label), ...axis, splitLine: { show: false } },
        yAxis: { type: "value", name: this.unit, ...axis },
        series: [{ type: "bar", data: this.data.map(([, value]) => value), barMaxWidth: 26, itemStyle: { color: colors.accent, borderRadius: [4, 4, 0, 0] } }],
      });
    },
  },
};

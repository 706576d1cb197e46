// Draws the steps of a command; counts the seconds of the one that is awaited.
export default {
  template: `
    <div class="vd-steps" role="status">
      <div v-if="title" class="vd-steps__title">{{ title }}</div>
      <ol>
        <li v-for="s in steps" :key="s.key" :data-state="s.state">
          <span class="vd-steps__dot" aria-hidden="true">
            <svg v-if="s.state === 'reached'" viewBox="0 0 16 16"><path d="M4.5 8.3 7 10.7l4.6-5.2" /></svg>
            <svg v-else-if="s.state === 'failed'" viewBox="0 0 16 16"><path d="m5.2 5.2 5.6 5.6M10.8 5.2l-5.6 5.6" /></svg>
          </span>
          <span class="vd-steps__label">{{ s.label }}<span class="vd-hidden">: {{ words[s.state] }}</span></span>
          <span class="vd-steps__time vd-num" :aria-hidden="s.state === 'running' ? 'true' : null">{{ clock(s) }}</span>
          <span v-if="s.note" class="vd-steps__note">{{ s.note }}</span>
        </li>
      </ol>
    </div>`,
  props: { steps: Array, title: String },
  data: () => ({ now: performance.now(), words: { reached: "done", running: "waiting", failed: "failed", open: "not yet" } }),
  created() {
    this.begun = performance.now();
    this.timer = setInterval(() => {
      if (this.steps.some((s) => s.state === "running")) this.now = performance.now();
    }, 200);
  },
  unmounted() {
    clearInterval(this.timer);
  },
  methods: {
    clock(step) {
      if (step.at !== null) return step.at < 0.05 ? "" : `${step.at.toFixed(1)} s`;
      return step.state === "running" ? `${((this.now - this.begun) / 1000).toFixed(0)} s` : "";
    },
  },
};

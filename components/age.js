// Says how long ago a moment was, and goes on saying it; or how long something has been running.
export default {
  template: `<time class="vd-age vd-num" :datetime="moment || null" :title="title || null">{{ words }}</time>`,
  props: { moment: String, title: String, running: Boolean, staticUrl: String },
  data: () => ({ now: Date.now(), write: null }),
  computed: {
    words() {
      if (!this.moment) return "–";
      return this.write ? this.write(this.moment, this.now) : "";
    },
  },
  async created() {
    this.ticking = setInterval(() => (this.now = Date.now()), 1000);
    const { ago, lasting } = await import(`${window.path_prefix ?? ""}${this.staticUrl}/ages.js`);
    this.write = this.running ? lasting : ago;
  },
  unmounted() {
    clearInterval(this.ticking);
  },
};

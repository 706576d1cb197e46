// A list of raw frames: opens to pretty JSON, copies, pauses, grows at the top.
const PAUSE = 250;

export default {
  template: `
    <div class="vd-frames">
      <div :class="searchable ? 'vd-table__tools' : 'vd-frames__corner'">
        <label v-if="searchable" class="vd-search">
          <svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="11" cy="11" r="7" /><path d="m20 20-4-4" /></svg>
          <span class="vd-hidden">Search frames</span>
          <input type="search" placeholder="Search action, id or content" v-model="text" @input="typed" autocomplete="off" spellcheck="false" />
        </label>
        <div v-if="searchable" class="vd-filters" role="group" aria-label="Direction">
          <button v-for="d in directions" :key="d.key" type="button" class="vd-filter" :aria-pressed="direction === d.key" @click="turn(d.key)">{{ d.label }}</button>
        </div>
        <button type="button" class="vd-filter" :aria-pressed="paused" @click="pause">{{ paused ? "Resume" + (held.length ? " (" + held.length + " new)" : "") : "Pause" }}</button>
      </div>
      <div v-if="frames === null" class="vd-stack" style="padding:16px"><span v-for="n in 5" :key="n" class="vd-skeleton"></span></div>
      <div v-else-if="!frames.length" class="vd-empty"><h3>No frames</h3><p class="vd-empty__text">{{ text || direction ? "No frame fits this search." : nothing }}</p></div>
      <ol v-else class="vd-frames__list">
        <li v-for="f in frames" :key="f.id" :class="['vd-frame', 'vd-frame--' + f.kind, { 'vd-frame--new': f.fresh }]">
          <details @toggle="toggled(f, $event)">
            <summary>
              <span class="vd-frame__way" :data-way="f.direction"><svg aria-hidden="true"><use :href="sprite + (f.direction === 'in' ? '#arrow-down-left' : '#arrow-up-right')" /></svg><span class="vd-hidden">{{ f.direction === "in" ? "from station" : "to station" }}</span></span>
              <time :datetime="iso(f)" :title="iso(f)">{{ clock(f) }}</time>
              <span class="vd-frame__action">{{ f.action }}</span>
              <span class="vd-frame__kind">{{ kinds[f.kind] }}</span>
              <span v-if="f.note" class="vd-frame__note">{{ f.note }}</span>
              <span class="vd-frame__brief">{{ brief(f) }}</span>
              <span class="vd-frame__latency">{{ f.latency_ms === null ? "" : Math.round(f.latency_ms) + " ms" }}</span>
            </summary>
            <div class="vd-frame__body">
              <div class="vd-frame__bar"><span class="vd-frame__id">{{ f.message_id }}</span><button type="button" class="vd-plain-btn" @click="copy(f)">{{ copied === f.id ? "Copied" : "Copy" }}</button></div>
              <pre v-if="open.has(f.id)" tabindex="0" :aria-label="f.action + ' payload'"><template v-for="(p, i) in parts(f)" :key="i"><span v-if="p.kind" :class="'vd-json--' + p.kind">{{ p.text }}</span><template v-else>{{ p.text }}</template></template></pre>
            </div>
          </details>
        </li>
      </ol>
      <div v-if="more" class="vd-frames__more"><button type="button" class="vd-plain-btn" @click="$emit('older')">Load older frames</button></div>
    </div>`,
  props: { zone: String, searchable: Boolean, nothing: String, most: Number, sprite: String, shared: String },
  data: () => ({
    frames: null, more: false, text: "", direction: "", paused: false, held: [], copied: null, open: new Set(),
    directions: [{ key: "", label: "All" }, { key: "in", label: "From station" }, { key: "out", label: "To station" }],
    kinds: { call: "", result: "result", error: "error", other: "not OCPP" },
  }),
  created() {
    this.format = new Intl.DateTimeFormat("en-GB", { timeZone: this.zone, hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 });
  },
  methods: {
    load(frames, more) {
      Object.assign(this, { frames, more, held: [] });
    },
    prepend(frames) {
      if (this.paused) return void (this.held = [...frames, ...this.held].slice(0, this.most));
      const known = new Set((this.frames ?? []).map((f) => f.id));
      const fresh = frames.filter((f) => !known.has(f.id)).map((f) => ({ ...f, fresh: true }));
      this.frames = [...fresh, ...(this.frames ?? [])].slice(0, this.most);
    },
    append(frames, more) {
      this.frames = [...(this.frames ?? []), ...frames];
      this.more = more;
    },
    pause() {
      this.paused = !this.paused;
      if (!this.paused) this.prepend(this.held.splice(0));
    },
    typed() {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.seek(), PAUSE);
    },
    turn(direction) {
      this.direction = direction;
      this.seek();
    },
    seek() {
      this.$emit("search", { text: this.text, direction: this.direction });
    },
    toggled(frame, event) {
      event.target.open ? this.open.add(frame.id) : this.open.delete(frame.id);
    },
    iso(frame) {
      return new Date(frame.at_ms).toISOString();
    },
    clock(frame) {
      return this.format.format(frame.at_ms);
    },
    pretty(frame) {
      return frame.text || JSON.stringify(frame.payload, null, 2);
    },
    brief(frame) {
      return frame.text ? frame.text.slice(0, 160) : JSON.stringify(frame.payload).slice(0, 160);
    },
    // The JSON in pieces for colouring; Vue writes each as text, so nothing a station sends can become markup.
    parts(frame) {
      const parts = [];
      const pattern = /("(?:\\.|[^"\\])*")(\s*:)?|\b(true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
      const text = this.pretty(frame);
      let at = 0;
      for (const match of text.matchAll(pattern)) {
        if (match.index > at) parts.push({ text: text.slice(at, match.index) });
        const kind = match[1] ? (match[2] ? "key" : "text") : match[3] ? "word" : "number";
        parts.push({ text: match[1] ?? match[0], kind });
        if (match[2]) parts.push({ text: match[2] });
        at = match.index + match[0].length;
      }
      parts.push({ text: text.slice(at) });
      return parts;
    },
    async copy(frame) {
      const { copyText } = await import(`${window.path_prefix ?? ""}${this.shared}/clipboard.js`);
      await copyText(this.pretty(frame));
      this.copied = frame.id;
      setTimeout(() => (this.copied = null), 1500);
    },
  },
};

// Running sessions: rows come and change by key; only the elapsed time is worked out here, once a second.
export default {
  template: `
    <div class="running">
      <table v-if="list.length">
        <thead><tr>
          <th scope="col">Station</th><th scope="col">Status</th><th scope="col" class="num">Power</th><th scope="col" class="num">Energy</th>
          <th scope="col">Battery</th><th scope="col" class="num">Time</th><th scope="col" class="num">Cost</th>
        </tr></thead>
        <tbody>
          <tr v-for="row in list" :key="row.key" :data-key="row.key" @click="open(row, $event)">
            <td class="running__what"><a :href="row.href">{{ row.station }}</a><span>{{ row.place }}</span></td>
            <td class="running__status">
              <span class="vd-status" :data-hue="look(row).hue" :data-status="look(row).key">
                <svg class="vd-status__icon" viewBox="0 0 16 16" aria-hidden="true"><path :d="look(row).shape" fill="currentColor" fill-rule="evenodd" /><path :d="look(row).mark" v-bind="paint(look(row))" /></svg>
                <span>{{ look(row).word }}</span>
              </span>
            </td>
            <td class="num" data-label="Power" data-field="power">{{ row.power }}</td>
            <td class="num" data-label="Energy" data-field="energy">{{ row.energy }}</td>
            <td data-label="Battery" class="running__soc" :class="{ 'running__soc--none': row.soc === null }">
              <span v-if="row.soc !== null" class="running__bar" aria-hidden="true"><i :style="{ width: row.soc + '%' }"></i></span><span data-field="soc">{{ row.soc_text }}</span>
            </td>
            <td class="num" data-label="Time" data-field="elapsed">{{ elapsed(row) }}</td>
            <td class="num" data-label="Cost" data-field="cost">{{ row.cost }}</td>
          </tr>
        </tbody>
      </table>
      <slot v-else></slot>
    </div>`,
  props: { rows: Array, now: Number, statuses: Array },
  data() {
    return { list: this.rows, time: this.now };
  },
  created() {
    this.looks = Object.fromEntries(this.statuses.map((s) => [s.key, s]));
    this.ahead = Date.now() - this.now; // the visitor's clock may be wrong
  },
  mounted() {
    this.ticking = setInterval(() => {
      if (!document.hidden) this.time = Date.now() - this.ahead;
    }, 1000);
  },
  unmounted() {
    clearInterval(this.ticking);
  },
  methods: {
    load(rows) {
      this.list = rows;
    },
    put(rows) {
      for (const row of rows) {
        const known = this.list.find((r) => r.key === row.key);
        if (known) Object.assign(known, row);
      }
    },
    look(row) {
      return this.looks[row.status] ?? this.looks.Unknown;
    },
    paint(look) {
      const ink = look.hollow ? "currentColor" : "var(--vd-knock)";
      return look.filled ? { fill: ink } : { fill: "none", stroke: ink, "stroke-width": 1.8, "stroke-linecap": "round" };
    },
    elapsed(row) {
      const seconds = Math.max(0, Math.floor((this.time - row.started) / 1000));
      const two = (n) => String(n).padStart(2, "0");
      const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
      return `${hours}:${two(minutes)}:${two(seconds % 60)}`;
    },
    // A click anywhere on the row is a click on its link, with the same keys held.
    open(row, event) {
      if (event.target.closest("a") || String(getSelection())) return;
      const { ctrlKey, metaKey, shiftKey } = event;
      event.currentTarget.querySelector("a").dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey }));
    },
  },
};

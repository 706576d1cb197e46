// The browser's half of DataTable: shows a page of rows, asks for another, changes single cells.
const PAUSE = 250; // ms without a key before a search is asked

export default {
  template: `
    <div class="vd-table" :aria-busy="busy">
      <div v-if="search || filters.length" class="vd-table__tools">
        <label v-if="search" class="vd-search">
          <svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="11" cy="11" r="7" /><path d="m20 20-4-4" /></svg>
          <span class="vd-hidden">{{ search }}</span>
          <input type="search" :placeholder="search" v-model="text" @input="typed" @keydown.esc="clear" autocomplete="off" spellcheck="false" />
        </label>
        <div v-if="filters.length" class="vd-filters" role="group" aria-label="Filters">
          <button v-for="f in filters" :key="f.key" type="button" class="vd-filter" :aria-pressed="on.includes(f.key)" @click="toggle(f.key)">{{ f.label }}</button>
        </div>
      </div>
      <div class="vd-table__scroll">
        <table v-if="rows === null || rows.length">
          <caption v-if="title" class="vd-hidden">{{ title }}</caption>
          <thead><tr>
            <th v-for="c in columns" :key="c.name" scope="col" :class="cls(c)" :style="c.width ? { width: c.width } : null" :aria-sort="sorting(c)">
              <button v-if="c.sortable" type="button" @click="order(c)">{{ c.label }}<svg viewBox="0 0 12 12" aria-hidden="true"><path d="M3 7.5 6 10.5 9 7.5" class="down" /><path d="M3 4.5 6 1.5 9 4.5" class="up" /></svg></button>
              <span v-else>{{ c.label }}</span>
            </th>
          </tr></thead>
          <tbody v-if="rows === null">
            <tr v-for="n in 6" :key="n"><td v-for="c in columns" :key="c.name" :class="cls(c)"><span class="vd-skeleton" :style="{ width: 38 + ((n * 29 + c.name.length * 17) % 45) + '%' }"></span></td></tr>
          </tbody>
          <tbody v-else>
            <tr v-for="row in rows" :key="row._key" :data-key="row._key" :class="{ 'vd-row--link': row.href || row.opens }" @click="open(row, $event)" @auxclick="open(row, $event)">
              <td v-for="c in columns" :key="c.name" :class="cls(c, row)" :data-label="c.label" :title="of(row, c).title || null">
                <span :key="face(row, c)" :class="{ 'vd-changed': changed.has(row._key + ' ' + c.name) }">
                  <span v-if="c.kind === 'status' || of(row, c).status" class="vd-status" :data-hue="look(row, c).hue" :data-status="look(row, c).key">
                    <svg class="vd-status__icon" viewBox="0 0 16 16" aria-hidden="true"><path :d="look(row, c).shape" fill="currentColor" fill-rule="evenodd" /><path :d="look(row, c).mark" v-bind="paint(look(row, c))" /></svg>
                    <span>{{ c.kind === "status" ? look(row, c).word : of(row, c).text }}</span>
                  </span>
                  <span v-else-if="of(row, c).marks?.length" class="vd-marks">
                    <span v-for="(m, i) in of(row, c).marks" :key="i" class="vd-mark" role="img" :data-hue="named(m[0]).hue" :data-status="m[0]" :title="m[1]" :aria-label="m[1]"><svg class="vd-status__icon" viewBox="0 0 16 16" aria-hidden="true"><path :d="named(m[0]).shape" fill="currentColor" fill-rule="evenodd" /><path :d="named(m[0]).mark" v-bind="paint(named(m[0]))" /></svg></span>
                  </span>
                  <span v-else-if="of(row, c).tags?.length" class="vd-tags"><span v-for="t in of(row, c).tags" :key="t" class="vd-tag">{{ t }}</span></span>
                  <time v-else-if="c.kind === 'age' && of(row, c).text !== '–'" :datetime="of(row, c).text">{{ ago(of(row, c).text, now) }}</time>
                  <a v-else-if="address(row, c)" :href="address(row, c)" class="vd-row__link">{{ of(row, c).text }}</a>
                  <button v-else-if="row.opens && c.kind === 'link'" type="button" class="vd-row__link" @click="$emit('open', row._key)">{{ of(row, c).text }}</button>
                  <template v-else>{{ of(row, c).text }}</template>
                </span>
                <span v-if="of(row, c).sub" class="vd-cell__sub">{{ of(row, c).sub }}</span>
              </td>
            </tr>
          </tbody>
        </table>
        <div v-else-if="narrowed" class="vd-empty">
          <h3>Nothing matches</h3>
          <p class="vd-empty__text">No entry fits this search and these filters.</p>
          <button type="button" class="vd-plain-btn" @click="clear">Clear search and filters</button>
        </div>
        <slot v-else name="empty"></slot>
      </div>
      <div v-if="rows && total > 0" class="vd-table__foot">
        <span aria-live="polite">{{ figure(offset + 1) }}–{{ figure(offset + rows.length) }} of {{ figure(total) }}</span>
        <span v-if="total > limit" class="vd-pager">
          <button type="button" aria-label="Previous page" :disabled="offset === 0" @click="go(offset - limit)"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="m15 18-6-6 6-6" /></svg></button>
          <button type="button" aria-label="Next page" :disabled="offset + rows.length >= total" @click="go(offset + limit)"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="m9 18 6-6-6-6" /></svg></button>
        </span>
      </div>
    </div>`,
  props: { columns: Array, filters: Array, search: String, sort: String, descending: Boolean, limit: Number, statuses: Array, title: String, begin: Object, staticUrl: String },
  data() {
    return { rows: null, total: 0, offset: 0, narrowed: false, busy: true, text: this.begin?.search ?? "", on: this.begin?.filters ?? [], by: this.sort, down: this.descending, changed: new Set(), now: Date.now(), ago: () => "" };
  },
  created() {
    this.looks = Object.fromEntries(this.statuses.map((s) => [s.key, s]));
    if (this.columns.some((c) => c.kind === "age")) this.keepAges();
  },
  unmounted() {
    clearInterval(this.ageing);
  },
  methods: {
    show(rows, total, offset, narrowed) {
      Object.assign(this, { rows, total, offset, narrowed, busy: false });
    },
    patch(key, changes) {
      const row = this.rows?.find((r) => r._key === key);
      if (!row) return;
      for (const [name, value] of Object.entries(changes)) {
        if (JSON.stringify(row[name]) === JSON.stringify(value)) continue;
        row[name] = value;
        if (this.columns.some((c) => c.name === name && c.kind === "age")) continue; // time passing is no news
        const mark = `${key} ${name}`;
        this.changed.add(mark);
        setTimeout(() => this.changed.delete(mark), 1200);
      }
    },
    async keepAges() {
      this.ageing = setInterval(() => (this.now = Date.now()), 5000);
      this.ago = (await import(`${window.path_prefix ?? ""}${this.staticUrl}/ages.js`)).ago;
    },
    ask(offset) {
      this.busy = true;
      this.$emit("ask", { search: this.text, filters: this.on, sort: this.by, descending: this.down, offset });
    },
    typed() {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.ask(0), PAUSE);
    },
    clear() {
      this.text = "";
      this.on = [];
      this.ask(0);
    },
    toggle(key) {
      this.on = this.on.includes(key) ? this.on.filter((k) => k !== key) : [...this.on, key];
      this.ask(0);
    },
    order(column) {
      this.down = this.by === column.name ? !this.down : false;
      this.by = column.name;
      this.ask(0);
    },
    go(offset) {
      this.ask(Math.max(0, offset));
    },
    // A click anywhere on the row is a click on its link, with the same keys held.
    open(row, event) {
      if (event.target.closest("a,button") || String(getSelection())) return;
      if (row.opens && event.button === 0) this.$emit("open", row._key);
      if (!row.href) return;
      const link = event.currentTarget.querySelector("a.vd-row__link");
      const { ctrlKey, metaKey, shiftKey, button } = event;
      if (button === 1) window.open(row.href, "_blank");
      else if (button === 0) link?.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey }));
    },
    of(row, column) {
      const value = row[column.name];
      if (value && typeof value === "object") return value;
      return { text: value === null || value === undefined || value === "" ? "–" : String(value) };
    },
    figure(number) {
      return number.toLocaleString(document.documentElement.lang || undefined);
    },
    address(row, column) {
      return this.of(row, column).href || (column.kind === "link" ? row.href : "");
    },
    look(row, column) {
      const cell = this.of(row, column);
      return this.named(cell.status || cell.text);
    },
    named(status) {
      return this.looks[status] ?? this.looks.Unknown;
    },
    // Changes whenever what is seen changes, so that the flash of a patched cell starts anew.
    face(row, column) {
      const { text, status, marks, tags } = this.of(row, column);
      return JSON.stringify([text, status, marks, tags]);
    },
    paint(look) {
      const ink = look.hollow ? "currentColor" : "var(--vd-knock)";
      return look.filled ? { fill: ink } : { fill: "none", stroke: ink, "stroke-width": 1.8, "stroke-linecap": "round" };
    },
    vacant(row, column) {
      const { text, marks, tags } = this.of(row, column);
      return (text === "–" || text === "") && !marks?.length && !tags?.length;
    },
    cls(column, row) {
      return [`vd-cell--${column.kind}`, `vd-cell--${column.align}`, `vd-mobile--${column.mobile}`, row && this.vacant(row, column) ? "vd-cell--vacant" : ""];
    },
    sorting(column) {
      if (!column.sortable) return null;
      return this.by === column.name ? (this.down ? "descending" : "ascending") : "none";
    },
  },
};

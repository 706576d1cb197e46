// Stations on a map, live. Data by fetch or as rows; statuses are patched by key; the base map needs no internet.
import { leaflet as L } from "nicegui-leaflet";
import { loadResource } from "../../static/utils/resources.js";

const LISTED = 60; // stations in view that the keyboard can walk through

function asText(text) {
  return Object.assign(document.createElement("i"), { textContent: text }).innerHTML;
}

export default {
  template: `
    <div class="vd-map" role="region" :aria-label="title">
      <div ref="map" class="vd-map__view"></div>
      <div v-if="tip" class="vd-map__tip" :style="{ left: tip.x + 'px', top: tip.y + 'px' }" aria-hidden="true">
        <b>{{ tip.label }}</b><span>{{ tip.text }}</span>
      </div>
      <ul class="vd-map__legend" aria-label="Stations by status">
        <li v-for="s in legend" :key="s.key" :style="{ color: 'var(--vd-' + s.hue + '-fill)' }">
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path :d="s.shape" fill="currentColor" fill-rule="evenodd" />
            <path :d="s.mark" :fill="s.filled ? 'var(--vd-surface)' : 'none'"
              :stroke="s.filled ? 'none' : s.hollow ? 'currentColor' : 'var(--vd-surface)'" stroke-width="1.7" stroke-linecap="round" />
          </svg><span>{{ s.word }} <b>{{ s.count }}</b></span>
        </li>
      </ul>
      <ul class="vd-map__list" aria-label="Stations in view">
        <li v-for="r in inView" :key="r.key">
          <a v-if="href" :href="link(r.key)" @focus="light(r.key)" @blur="light(null)">{{ r.label }}, {{ word(r.status) }}</a>
          <button v-else type="button" @focus="light(r.key)" @blur="light(null)" @click="$emit('select', r.key)">{{ r.label }}, {{ word(r.status) }}</button>
        </li>
      </ul>
      <p v-if="failed" class="vd-map__note" role="alert">The stations could not be loaded. <button type="button" @click="reload">Try again</button></p>
    </div>`,
  props: {
    title: String, rows: Array, dataUrl: String, tileUrl: String, attribution: String, staticUrl: String, statuses: Array,
    href: String, center: Array, zoom: Number, resourcePath: String,
  },
  data: () => ({ tip: null, legend: [], inView: [], failed: false }),

  async mounted() {
    this.waiting = []; // calls that arrive before the layer exists
    this.known = new Map();
    await this.$nextTick();
    const base = `${window.path_prefix ?? ""}${this.staticUrl}`;
    const [{ Markers, Pulses }, { BaseMap, ATTRIBUTION }, { readColors, onModeChange }] = await Promise.all([
      import(`${base}/map/markers.js`), import(`${base}/map/base_layer.js`), import(`${base}/map/colors.js`),
      loadResource(`${window.path_prefix ?? ""}${this.resourcePath}/leaflet/leaflet.css`),
    ]);
    if (!this.$refs.map) return; // left before the code arrived
    const colors = readColors(this.$el);
    const map = (this.map = L.map(this.$refs.map, {
      center: this.center ?? [30, 15], zoom: this.zoom ?? 2, minZoom: 2, maxZoom: 18, worldCopyJump: true, zoomControl: false, attributionControl: false,
    }));
    L.control.zoom({ position: "topright" }).addTo(map);
    map.createPane("pulses").style.zIndex = 440;
    map.createPane("stations").style.zIndex = 450;
    this.layer = new Markers(this.statuses, colors).addTo(map);
    const pulses = new Pulses(this.layer).addTo(map);
    L.control.attribution({ prefix: false }).addTo(map).addAttribution(this.tileUrl ? asText(this.attribution) : ATTRIBUTION);
    this.wire(map);
    if (this.rows) this.show(this.rows);
    else await this.reload();
    if (!this.map) return; // left while the stations were on their way
    for (const [method, argument] of this.waiting.splice(0)) this[method](argument);
    this.waiting = null;
    if (this.tileUrl) L.tileLayer(this.tileUrl, { maxZoom: 19 }).addTo(map);
    else this.base = new BaseMap(map, `${base}/basemap`, colors, () => this.obstacles());
    this.base?.load(); // not awaited: stations first
    this.stopMode = onModeChange(() => {
      this.layer.colors = readColors(this.$el);
      this.base?.recolor(this.layer.colors);
      this.layer.repaint();
      pulses.repaint();
    });
    this.observer = new ResizeObserver(() => map.invalidateSize());
    this.observer.observe(this.$refs.map);
    this.$el.dataset.ready = "true";
  },

  unmounted() {
    this.observer?.disconnect();
    this.stopMode?.();
    this.map?.remove();
    this.map = null;
  },

  methods: {
    wire(map) {
      map.on("click", (e) => this.click(this.layer.hit(e.containerPoint)));
      map.on("mousemove", (e) => this.hover(this.layer.hit(e.containerPoint)));
      map.on("mouseout movestart zoomstart", () => this.hover(null));
      map.on("moveend", () => this.listInView());
    },
    async reload() {
      this.failed = false;
      try {
        const answer = await fetch(`${window.path_prefix ?? ""}${this.dataUrl}`);
        if (!answer.ok) throw new Error(answer.status);
        const rows = await answer.json();
        if (this.map) this.show(rows);
      } catch (error) {
        console.warn("map data:", error);
        this.failed = true;
      }
    },
    show(rows) {
      this.layer.upsert(rows);
      if (!this.center) this.fit();
      this.summarise();
    },
    patch(changes) {
      if (this.waiting) return void this.waiting.push(["patch", changes]);
      this.layer.patch(changes);
      this.summarise();
    },
    upsert(rows) {
      if (this.waiting) return void this.waiting.push(["upsert", rows]);
      this.layer.upsert(rows);
      this.summarise();
    },
    discard(keys) {
      if (this.waiting) return void this.waiting.push(["discard", keys]);
      this.layer.discard(keys);
      this.summarise();
    },
    fit() {
      const places = [...(this.layer?.rows.values() ?? [])].map((row) => [row.lat, row.lng]);
      if (places.length) this.map.fitBounds(L.latLngBounds(places), { padding: [48, 48], maxZoom: 13, animate: false });
    },
    focus(key) {
      const row = this.layer?.rows.get(key);
      if (row) this.map.setView([row.lat, row.lng], Math.max(this.map.getZoom(), 15));
    },
    // What a test or another script may ask: the status now drawn for a station.
    statusOf(key) {
      return this.layer?.rows.get(key)?.status ?? null;
    },
    // Where names of places would be hidden: behind stations, legend and buttons. In pixels of the overlays' canvas.
    obstacles() {
      const { left, top } = this.$el.getBoundingClientRect();
      const [x, y] = this.layer.padding();
      const over = [...this.$el.querySelectorAll(".vd-map__legend, .leaflet-control")].map((e) => e.getBoundingClientRect());
      return [...this.layer.boxes(), ...over.map((r) => [r.left - left + x, r.top - top + y, r.right - left + x, r.bottom - top + y])];
    },
    click(group) {
      if (!group) return;
      if (group.rows.length === 1) this.open(group.rows[0].key);
      else this.map.fitBounds(L.latLngBounds(group.rows.map((r) => [r.lat, r.lng])), { padding: [60, 60], maxZoom: 17 });
    },
    open(key) {
      if (this.href) {
        const anchor = Object.assign(document.createElement("a"), { href: this.link(key) });
        this.$el.append(anchor);
        anchor.click(); // the frame's own navigation takes it from here
        anchor.remove();
      }
      this.$emit("select", key);
    },
    link(key) {
      return this.href.replace("{key}", encodeURIComponent(key));
    },
    hover(group) {
      this.$refs.map.style.cursor = group ? "pointer" : "";
      this.showTip(group);
    },
    light(key) {
      this.layer.lit = key;
      this.layer.repaint();
      this.showTip(key ? this.layer.groupOf(key) : null, key);
    },
    showTip(group, key) {
      if (!group) return void (this.tip = null);
      const point = this.layer.containerPoint(group);
      const row = group.rows.find((r) => r.key === key) ?? group.rows[0];
      const alone = group.rows.length === 1 || key;
      this.tip = { x: point.x, y: point.y - 18, label: alone ? row.label : `${group.rows.length} stations`, text: alone ? this.word(row.status) : this.counts(group.rows) };
    },
    counts(rows) {
      const words = new Map();
      for (const row of rows) words.set(this.word(row.status), (words.get(this.word(row.status)) ?? 0) + 1);
      return [...words].sort((a, b) => b[1] - a[1]).slice(0, 3).map(([w, n]) => `${n} ${w}`).join(" · ");
    },
    word(status) {
      return this.layer.status(status).word;
    },
    summarise() {
      const counts = new Map();
      for (const row of this.layer.rows.values()) {
        const key = this.layer.status(row.status).key;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
      this.legend = this.statuses.filter((s) => counts.has(s.key)).map((s) => ({ ...s, count: counts.get(s.key) }));
      this.listInView();
    },
    listInView() {
      const view = this.map.getBounds();
      const rows = [];
      for (const row of this.layer.rows.values()) {
        if (view.contains([row.lat, row.lng])) rows.push({ key: row.key, label: row.label, status: row.status });
        if (rows.length === LISTED) break;
      }
      this.inView = rows.sort((a, b) => a.label.localeCompare(b.label));
    },
  },
};

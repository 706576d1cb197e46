// A map on which one place is chosen; the base map needs no internet.
import { leaflet as L } from "nicegui-leaflet";
import { loadResource } from "../../static/utils/resources.js";

const NEAR = 15;
const round = (degrees) => Math.round(degrees * 1e6) / 1e6;

function asText(text) {
  return Object.assign(document.createElement("i"), { textContent: text }).innerHTML;
}

export default {
  template: `
    <div class="vd-map vd-map--place" role="group" :aria-label="title">
      <div ref="map" class="vd-map__view"></div>
      <div class="vd-map__pin" v-show="pin" :style="pin ? { left: pin.x + 'px', top: pin.y + 'px' } : {}" aria-hidden="true">
        <svg viewBox="0 0 24 32"><path d="M12 1a11 11 0 0 0-11 11c0 7.5 11 19 11 19s11-11.5 11-19A11 11 0 0 0 12 1z" /><circle cx="12" cy="12" r="4" /></svg>
      </div>
    </div>`,
  props: { title: String, center: Array, zoom: Number, marked: Boolean, tileUrl: String, attribution: String, staticUrl: String, resourcePath: String },
  emits: ["place"],
  data: () => ({ pin: null }),

  async mounted() {
    this.at = this.marked ? L.latLng(this.center) : null;
    await this.$nextTick();
    const base = `${window.path_prefix ?? ""}${this.staticUrl}`;
    const [{ BaseMap, ATTRIBUTION }, { readColors, onModeChange }] = await Promise.all([
      import(`${base}/map/base_layer.js`), import(`${base}/map/colors.js`),
      loadResource(`${window.path_prefix ?? ""}${this.resourcePath}/leaflet/leaflet.css`),
    ]);
    if (!this.$refs.map) return; // left before the code arrived
    const colors = readColors(this.$el);
    const map = (this.map = L.map(this.$refs.map, {
      center: this.center, zoom: this.zoom, minZoom: 2, maxZoom: 18, worldCopyJump: true, zoomControl: false, attributionControl: false,
    }));
    L.control.zoom({ position: "topright" }).addTo(map);
    L.control.attribution({ prefix: false }).addTo(map).addAttribution(this.tileUrl ? asText(this.attribution) : ATTRIBUTION);
    map.on("click", (event) => this.choose(event.latlng.wrap()));
    map.on("move zoom resize", () => this.draw());
    if (this.tileUrl) L.tileLayer(this.tileUrl, { maxZoom: 19 }).addTo(map);
    else this.base = new BaseMap(map, `${base}/basemap`, colors, () => []);
    this.base?.load();
    this.stopMode = onModeChange(() => this.base?.recolor(readColors(this.$el)));
    this.observer = new ResizeObserver(() => map.invalidateSize());
    this.observer.observe(this.$refs.map);
    this.draw();
    this.$el.dataset.ready = "true";
  },

  unmounted() {
    this.observer?.disconnect();
    this.stopMode?.();
    this.map?.remove();
    this.map = null;
  },

  methods: {
    choose(latlng) {
      this.at = latlng;
      this.draw();
      this.$emit("place", [round(latlng.lat), round(latlng.lng)]);
    },
    place(latitude, longitude) {
      this.at = L.latLng(latitude, longitude);
      this.map?.setView(this.at, Math.max(this.map.getZoom(), NEAR - 3));
      this.draw();
    },
    draw() {
      this.pin = this.at && this.map ? this.map.latLngToContainerPoint(this.at) : null;
    },
  },
};

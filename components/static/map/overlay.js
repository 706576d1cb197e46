// A canvas over the whole map view: subclasses draw into it; panning moves it, zooming scales it until it is drawn anew.
import { leaflet as L } from "nicegui-leaflet";

export const CanvasOverlay = L.Layer.extend({
  options: { pane: "overlayPane", padding: 0.15 },

  onAdd(map) {
    this._canvas = L.DomUtil.create("canvas", "leaflet-zoom-animated vd-map__canvas", map.getPane(this.options.pane));
    this._canvas.style.pointerEvents = "none";
    this.reset();
  },

  onRemove() {
    cancelAnimationFrame(this._frame);
    this._canvas.remove();
    this._canvas = null;
  },

  getEvents() {
    return { moveend: this.reset, zoomanim: this._zoom, resize: this.reset };
  },

  reset() {
    const map = this._map;
    const size = map.getSize();
    const pad = size.multiplyBy(this.options.padding).round();
    const topLeft = map.containerPointToLayerPoint(pad.multiplyBy(-1));
    const full = size.add(pad.multiplyBy(2));
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    this._origin = topLeft;
    this._size = full;
    this._bounds = L.latLngBounds(map.layerPointToLatLng(topLeft), map.layerPointToLatLng(topLeft.add(full)));
    this._canvas.width = full.x * ratio;
    this._canvas.height = full.y * ratio;
    this._canvas.style.width = `${full.x}px`;
    this._canvas.style.height = `${full.y}px`;
    L.DomUtil.setPosition(this._canvas, topLeft);
    this._context = this._canvas.getContext("2d");
    this._context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.prepare?.();
    this._paint();
  },

  // Ask for a repaint in the next frame; many calls cost one.
  repaint() {
    if (this._pending || !this._canvas) return;
    this._pending = true;
    this._frame = requestAnimationFrame(() => {
      this._pending = false;
      if (this._canvas) this._paint();
    });
  },

  // How far the canvas reaches beyond the view, in pixels: left and right, above and below.
  padding() {
    const { x, y } = this._map.getSize().multiplyBy(this.options.padding).round();
    return [x, y];
  },

  // Canvas coordinates of a place.
  at(lat, lng) {
    return this._map.latLngToLayerPoint([lat, lng]).subtract(this._origin);
  },

  _paint() {
    this._context.clearRect(0, 0, this._size.x, this._size.y);
    this.draw(this._context, this._size);
  },

  _zoom(event) {
    const scale = this._map.getZoomScale(event.zoom, this._map.getZoom());
    const offset = this._map._latLngBoundsToNewLayerPoint(this._bounds, event.zoom, event.center).min;
    L.DomUtil.setTransform(this._canvas, offset, scale);
  },
});

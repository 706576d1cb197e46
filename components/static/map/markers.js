// Stations on a canvas: a shape and a glyph per status, rings of shares where many stand close together.
import { leaflet as L } from "nicegui-leaflet";
import { CanvasOverlay } from "./overlay.js";

const NEAR = 34; // px: closer than this, markers become one ring
const APART = 16; // from this zoom on every station stands alone
const RADIUS = 12;
const MOST_PULSES = 60;

export const Markers = CanvasOverlay.extend({
  options: { pane: "stations", padding: 0.15 },

  initialize(statuses, colors) {
    this.statuses = Object.fromEntries(statuses.map((s) => [s.key, { ...s, path: new Path2D(s.shape), glyph: new Path2D(s.mark) }]));
    this.colors = colors;
    this.rows = new Map();
    this.groups = [];
    this.changed = new Map();
    this.lit = null;
  },

  status(name) {
    return this.statuses[name] ?? this.statuses.Unknown;
  },

  upsert(rows) {
    for (const [key, lat, lng, status, label] of rows) this.rows.set(key, { key, lat, lng, status, label });
    this.regroup();
  },

  discard(keys) {
    for (const key of keys) this.rows.delete(key);
    this.regroup();
  },

  patch(changes) {
    const now = performance.now();
    for (const [key, status] of Object.entries(changes)) {
      const row = this.rows.get(key);
      if (!row || row.status === status) continue;
      row.status = status;
      this.changed.set(key, now);
    }
    this.repaint();
  },

  regroup() {
    if (!this._canvas) return;
    this.prepare();
    this.repaint();
  },

  // Puts what is in view into groups; greedy, with a grid so that 5,000 stations cost a few milliseconds.
  prepare() {
    const zoom = this._map.getZoom();
    const cells = new Map();
    this.groups = [];
    for (const row of this.rows.values()) {
      if (!this._bounds.contains([row.lat, row.lng])) continue;
      const point = this.at(row.lat, row.lng);
      const group = zoom < APART ? this.neighbour(cells, point) : null;
      if (group) {
        group.rows.push(row);
        continue;
      }
      const fresh = { x: point.x, y: point.y, rows: [row] };
      const cell = `${Math.floor(point.x / NEAR)} ${Math.floor(point.y / NEAR)}`;
      cells.has(cell) ? cells.get(cell).push(fresh) : cells.set(cell, [fresh]);
      this.groups.push(fresh);
    }
  },

  neighbour(cells, point) {
    const [cx, cy] = [Math.floor(point.x / NEAR), Math.floor(point.y / NEAR)];
    for (let dx = -1; dx <= 1; dx++) {
      for (let dy = -1; dy <= 1; dy++) {
        const hit = cells.get(`${cx + dx} ${cy + dy}`)?.find((g) => Math.hypot(g.x - point.x, g.y - point.y) < NEAR);
        if (hit) return hit;
      }
    }
    return null;
  },

  draw(context) {
    for (const group of this.groups) group.rows.length > 1 ? this.drawRing(context, group) : this.drawOne(context, group, group.rows[0]);
  },

  drawOne(context, { x, y }, row) {
    const status = this.status(row.status);
    const color = this.colors[status.hue];
    const lit = row.key === this.lit;
    const radius = lit ? RADIUS + 3 : RADIUS;
    context.save();
    context.translate(x, y);
    context.shadowColor = "rgba(5,12,22,.35)";
    context.shadowBlur = 5;
    context.shadowOffsetY = 1;
    context.scale(radius / 8, radius / 8);
    context.translate(-8, -8);
    context.lineJoin = "round";
    context.strokeStyle = context.fillStyle = lit ? this.colors.ink : this.colors.surface;
    context.lineWidth = 3;
    context.stroke(status.path);
    context.fill(new Path2D("M8 2a6 6 0 1 0 0 12A6 6 0 1 0 8 2z"));
    context.shadowColor = "transparent";
    context.fillStyle = color;
    context.fill(status.path, "evenodd");
    context.fillStyle = context.strokeStyle = status.hollow ? color : this.colors.surface;
    context.lineWidth = 1.7;
    context.lineCap = "round";
    status.filled ? context.fill(status.glyph) : context.stroke(status.glyph);
    context.restore();
  },

  drawRing(context, { x, y, rows }) {
    const radius = ringRadius(rows);
    const lit = rows.some((row) => row.key === this.lit);
    context.save();
    context.shadowColor = "rgba(5,12,22,.3)";
    context.shadowBlur = 6;
    context.fillStyle = this.colors.surface;
    context.beginPath();
    context.arc(x, y, radius + (lit ? 4 : 2), 0, 7);
    context.fill();
    context.shadowColor = "transparent";
    let from = -Math.PI / 2;
    context.lineWidth = 4.5;
    for (const [hue, share] of shares(rows, (row) => this.status(row.status).hue)) {
      const gap = share < 1 ? 0.09 : 0;
      context.strokeStyle = this.colors[hue];
      context.beginPath();
      context.arc(x, y, radius - 2.5, from + gap / 2, from + share * Math.PI * 2 - gap / 2);
      context.stroke();
      from += share * Math.PI * 2;
    }
    context.fillStyle = this.colors.ink;
    context.font = `700 ${rows.length > 999 ? 11 : 12.5}px ${this.colors.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(String(rows.length), x, y + 0.5);
    context.restore();
  },

  // The group under a container point, if any.
  hit(point) {
    const p = this._map.containerPointToLayerPoint(point).subtract(this._origin);
    let best = null;
    for (const group of this.groups) {
      const distance = Math.hypot(group.x - p.x, group.y - p.y);
      if (distance < (group.rows.length > 1 ? 26 : 18) && (!best || distance < best.distance)) best = { group, distance };
    }
    return best?.group ?? null;
  },

  // What each group covers, in canvas pixels.
  boxes() {
    return this.groups.map(({ x, y, rows }) => {
      const radius = (rows.length > 1 ? ringRadius(rows) : RADIUS) + 2;
      return [x - radius, y - radius, x + radius, y + radius];
    });
  },

  groupOf(key) {
    return this.groups.find((group) => group.rows.some((row) => row.key === key)) ?? null;
  },

  containerPoint(group) {
    return this._map.layerPointToContainerPoint(L.point(group.x, group.y).add(this._origin));
  },
});

const ringRadius = (rows) => Math.min(26, 15 + Math.log2(rows.length) * 1.8);
const ORDER = ["red", "amber", "violet", "blue", "teal", "green", "grey"];

function shares(rows, hueOf) {
  const counts = new Map();
  for (const row of rows) counts.set(hueOf(row), (counts.get(hueOf(row)) ?? 0) + 1);
  return ORDER.filter((hue) => counts.has(hue)).map((hue) => [hue, counts.get(hue) / rows.length]);
}

// Breath of charging stations and a ripple where a status just changed; its own canvas, so that the rest stands still.
export const Pulses = CanvasOverlay.extend({
  options: { pane: "pulses", padding: 0.15 },

  initialize(markers) {
    this.markers = markers;
    this.still = matchMedia("(prefers-reduced-motion: reduce)");
  },

  onAdd(map) {
    CanvasOverlay.prototype.onAdd.call(this, map);
    this.timer = setInterval(() => this.tick(), 80);
  },

  onRemove() {
    clearInterval(this.timer);
    CanvasOverlay.prototype.onRemove.call(this);
  },

  tick() {
    if (this.still.matches || document.hidden) return;
    this.repaint();
  },

  draw(context) {
    const now = performance.now();
    const { groups, changed, colors } = this.markers;
    const charging = [];
    for (const group of groups) {
      for (const row of group.rows) {
        const since = now - (changed.get(row.key) ?? -Infinity);
        if (since < 1200) ripple(context, group, since / 1200, colors[this.markers.status(row.status).hue]);
        else changed.delete(row.key);
      }
      if (group.rows.length === 1 && group.rows[0].status === "Charging") charging.push(group);
    }
    if (charging.length > MOST_PULSES) return;
    const phase = (now % 2400) / 2400;
    for (const group of charging) breath(context, group, phase, colors[this.markers.status("Charging").hue]);
  },
});

function breath(context, { x, y }, phase, color) {
  context.globalAlpha = 0.34 * (1 - phase);
  context.fillStyle = color;
  context.beginPath();
  context.arc(x, y, RADIUS + 2 + phase * 11, 0, 7);
  context.fill();
  context.globalAlpha = 1;
}

function ripple(context, { x, y }, phase, color) {
  context.globalAlpha = 1 - phase;
  context.strokeStyle = color;
  context.lineWidth = 2.5;
  context.beginPath();
  context.arc(x, y, RADIUS + 3 + phase * 22, 0, 7);
  context.stroke();
  context.globalAlpha = 1;
}

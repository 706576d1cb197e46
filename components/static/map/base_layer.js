// The bundled base map: land, water and borders drawn into canvas tiles, names of places on top.
import { leaflet as L } from "nicegui-leaflet";
import { CanvasOverlay } from "./overlay.js";

export const ATTRIBUTION = "© OpenStreetMap contributors · GeoNames · Natural Earth";
const AREA_ZOOM = 8; // from here on the finer data of the cities is worth its bytes
const COUNTRY = 2;
const DISTRICT = 0;

function unpack(flat, scale) {
  const points = new Float64Array(flat.length);
  let [x, y] = [0, 0];
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (let i = 0; i < flat.length; i += 2) {
    x += flat[i];
    y += flat[i + 1];
    const world = project(x / scale, y / scale);
    points[i] = world[0];
    points[i + 1] = world[1];
    box[0] = Math.min(box[0], world[0]);
    box[1] = Math.min(box[1], world[1]);
    box[2] = Math.max(box[2], world[0]);
    box[3] = Math.max(box[3], world[1]);
  }
  return { points, box };
}

// Web Mercator, the world as a unit square.
function project(lng, lat) {
  const sin = Math.sin((Math.max(-85.05, Math.min(85.05, lat)) * Math.PI) / 180);
  return [lng / 360 + 0.5, 0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)];
}

function decode(data) {
  const shapes = (list) => list.map((rings) => rings.map((ring) => unpack(ring, data.scale)));
  return { land: shapes(data.land), water: shapes(data.water), borders: data.borders.map((line) => unpack(line, data.scale)), box: data.box };
}

const touches = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];

export class BaseMap {
  constructor(map, url, colors) {
    this.map = map;
    this.url = url;
    this.colors = colors;
    this.areas = {};
    this.details = [];
    map.createPane("base").style.zIndex = 150;
    map.createPane("names").style.zIndex = 380;
    map.getPane("names").style.pointerEvents = "none";
  }

  async load() {
    const [world, names, areas] = await Promise.all(["world", "places", "areas"].map((name) => this.fetch(name)));
    if (!this.map._container) return; // the map was closed while loading
    this.world = decode(world);
    this.names = names;
    this.areas = areas;
    this.tiles = new Tiles(this).addTo(this.map);
    this.labels = new Labels(this).addTo(this.map);
    this.map.on("moveend", () => this.loadAreas());
    await this.loadAreas();
  }

  async fetch(name) {
    return (await fetch(`${this.url}/${name}.json`)).json();
  }

  async loadAreas() {
    if (this.map.getZoom() < AREA_ZOOM) return;
    const view = this.map.getBounds();
    const wanted = Object.entries(this.areas).filter(([, b]) => view.intersects([[b[1], b[0]], [b[3], b[2]]]));
    for (const [name] of wanted) {
      delete this.areas[name];
      const detail = decode(await this.fetch(name));
      const [west, south, east, north] = detail.box;
      detail.box = [...project(west, north), ...project(east, south)];
      this.details.push(detail);
      this.tiles?.redraw();
    }
  }

  recolor(colors) {
    this.colors = colors;
    this.tiles?.redraw();
    this.labels?.repaint();
  }
}

const Tiles = L.GridLayer.extend({
  options: { pane: "base", tileSize: 512, keepBuffer: 1, updateWhenZooming: false },

  initialize(base) {
    this.base = base;
    L.GridLayer.prototype.initialize.call(this, {});
  },

  createTile(coords) {
    const tile = document.createElement("canvas");
    const ratio = Math.min(window.devicePixelRatio || 1, 2);
    const side = this.getTileSize().x;
    tile.width = tile.height = side * ratio;
    const world = 256 * 2 ** coords.z;
    const context = tile.getContext("2d");
    context.setTransform(world * ratio, 0, 0, world * ratio, -coords.x * side * ratio, -coords.y * side * ratio);
    const box = [coords.x, coords.y, coords.x + 1, coords.y + 1].map((n) => (n * side) / world);
    this.paint(context, box, coords.z, 1 / world);
    return tile;
  },

  paint(context, box, zoom, pixel) {
    const { world, details, colors, names } = this.base;
    context.fillStyle = colors.water;
    context.fillRect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
    const near = zoom >= AREA_ZOOM ? details.filter((detail) => touches(detail.box, box)) : [];
    fill(context, world.land, box, colors.land);
    for (const detail of near) {
      context.save();
      context.beginPath();
      context.rect(detail.box[0], detail.box[1], detail.box[2] - detail.box[0], detail.box[3] - detail.box[1]);
      context.clip();
      context.fillStyle = colors.water;
      context.fillRect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
      fill(context, detail.land, box, colors.land);
      if (zoom >= 9) towns(context, names.places, box, zoom, colors);
      fill(context, detail.water, box, colors.water);
      outline(context, detail, box, colors.border, pixel * 0.75);
      context.restore();
    }
    context.strokeStyle = colors.border;
    context.lineWidth = pixel * (zoom < 5 ? 0.8 : 1.1);
    context.lineJoin = "round";
    context.beginPath();
    for (const line of world.borders) if (touches(line.box, box)) trace(context, line.points);
    context.stroke();
    if (!near.length) outline(context, world, box, colors.border, pixel * 0.6);
  },
});

function trace(context, points) {
  context.moveTo(points[0], points[1]);
  for (let i = 2; i < points.length; i += 2) context.lineTo(points[i], points[i + 1]);
}

function fill(context, shapes, box, color) {
  context.fillStyle = color;
  for (const rings of shapes) {
    if (!touches(rings[0].box, box)) continue;
    context.beginPath();
    for (const ring of rings) {
      trace(context, ring.points);
      context.closePath();
    }
    context.fill("evenodd");
  }
}

function outline(context, { land, water }, box, color, width) {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.beginPath();
  for (const rings of land.concat(water)) for (const ring of rings) if (touches(ring.box, box)) trace(context, ring.points);
  context.stroke();
}

// Where people live, as soft shade: a disc per district, as large as its population asks for.
function towns(context, places, box, zoom, colors) {
  context.save();
  context.globalAlpha = 0.085;
  context.fillStyle = colors.muted;
  for (const [, lng, lat, population, kind] of places) {
    if (kind !== DISTRICT && population > 150_000) continue; // a big city is shown by its districts
    const [x, y] = project(lng, lat);
    const radius = (0.0052 * Math.sqrt(population / 10_000) + 0.004) / 360 / Math.cos((lat * Math.PI) / 180);
    if (!touches([x - radius, y - radius, x + radius, y + radius], box)) continue;
    for (const share of [1, 0.78, 0.55]) {
      context.beginPath();
      context.arc(x, y, radius * share, 0, 7);
      context.fill();
    }
  }
  context.restore();
}

const Labels = CanvasOverlay.extend({
  options: { pane: "names", padding: 0.15 },

  initialize(base) {
    this.base = base;
  },

  draw(context, size) {
    const zoom = this._map.getZoom();
    const { colors, names } = this.base;
    const taken = [];
    const view = this._bounds.pad(0.05);
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineJoin = "round";
    for (const [name, lng, lat, population, kind] of names.places) {
      if (population < smallest(zoom, kind)) continue;
      if (!view.contains([lat, lng])) continue;
      this.write(context, size, taken, name, this.at(lat, lng), style(population, kind, zoom, colors));
    }
    if (zoom < 10) return;
    for (const [name, lng, lat] of names.waters) {
      if (!view.contains([lat, lng])) continue;
      this.write(context, size, taken, name, this.at(lat, lng), { font: `italic 500 11px ${colors.font}`, color: colors.faint, halo: colors.water });
    }
  },

  write(context, size, taken, name, point, { font, color, halo }) {
    context.font = font;
    const width = context.measureText(name).width + 14;
    const box = [point.x - width / 2, point.y - 10, point.x + width / 2, point.y + 10];
    if (taken.some((other) => touches(other, box))) return;
    taken.push(box);
    context.strokeStyle = halo;
    context.lineWidth = 3;
    context.strokeText(name, point.x, point.y);
    context.fillStyle = color;
    context.fillText(name, point.x, point.y);
  },
});

// The smallest population whose name is written at a zoom level.
function smallest(zoom, kind) {
  if (kind === COUNTRY && zoom >= 4) return 0;
  if (kind === DISTRICT) return zoom < 11 ? Infinity : zoom < 12 ? 70_000 : zoom < 13 ? 20_000 : 0;
  if (zoom < 4) return 5_000_000;
  if (zoom < 6) return 1_000_000;
  if (zoom < 8) return 300_000;
  return zoom < 10 ? 60_000 : zoom < 12 ? 15_000 : 0;
}

function style(population, kind, zoom, colors) {
  const big = kind !== DISTRICT && population > 500_000;
  const size = big ? Math.min(17, 10 + zoom / 2) : kind === DISTRICT ? 11 : 12;
  return { font: `${big ? 650 : 550} ${size}px ${colors.font}`, color: big ? colors.ink : kind === DISTRICT ? colors.faint : colors.muted, halo: colors.land };
}

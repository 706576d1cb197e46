// The bundled base map: land, water and borders drawn into canvas tiles, names of places on top.
import { leaflet as L } from "nicegui-leaflet";
import { CanvasOverlay } from "./overlay.js";

export const ATTRIBUTION = "© OpenStreetMap contributors · GeoNames · Natural Earth";
const AREA_ZOOM = 8; // from here on the finer data of the cities is worth its bytes
const COUNTRY = 2;
const DISTRICT = 0;
const ASIDE = [0, 30, -30, 50, -50]; // px: where a name may stand when a station is in its place

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
  return { land: shapes(data.land), water: shapes(data.water), borders: lines(data.borders, data.scale), rivers: lines(data.rivers ?? [], data.scale), box: data.box };
}

const lines = (list, scale) => list.map((line) => unpack(line, scale));
const touches = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];

export class BaseMap {
  // `obstacles` tells which boxes of the view, in canvas pixels, names of places have to leave free.
  constructor(map, url, colors, obstacles) {
    this.obstacles = obstacles;
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
    if (!this.map.getPane("base")) return; // the map was closed while loading; it keeps its element, but no panes
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
      if (!this.map.getPane("base")) return;
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
    fill(context, world.land, box, colors.land, pixel);
    fill(context, world.water, box, colors.water, pixel);
    for (const detail of near) {
      context.save();
      clipToPixels(context, detail.box);
      context.fillStyle = colors.water;
      context.fillRect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
      fill(context, detail.land, box, colors.land, pixel);
      if (zoom >= 9) towns(context, detail.land, names.places, box, colors);
      outline(context, detail, box, colors.border, pixel * 1.5, pixel);
      rivers(context, detail.rivers, box, colors, pixel, zoom);
      fill(context, detail.water, box, colors.water, pixel);
      context.restore();
    }
    context.strokeStyle = colors.border;
    context.lineWidth = pixel * (zoom < 5 ? 0.8 : 1.1);
    context.lineJoin = "round";
    context.beginPath();
    for (const line of world.borders) if (touches(line.box, box)) trace(context, line.points);
    context.stroke();
    if (!near.length) outline(context, world, box, colors.border, pixel * 0.6, pixel);
  },
});

function trace(context, points) {
  context.moveTo(points[0], points[1]);
  for (let i = 2; i < points.length; i += 2) context.lineTo(points[i], points[i + 1]);
}

// Smaller than this many pixels, a pond or an island is noise.
const SPECK = 10;
const isSpeck = ({ box }, pixel) => Math.max(box[2] - box[0], box[3] - box[1]) < pixel * SPECK;

function fill(context, shapes, box, color, pixel) {
  context.fillStyle = color;
  for (const rings of shapes) {
    if (!touches(rings[0].box, box) || isSpeck(rings[0], pixel)) continue;
    context.beginPath();
    for (const ring of rings) {
      trace(context, ring.points);
      context.closePath();
    }
    context.fill("evenodd");
  }
}

// A river has banks: a darker line under a lighter one, as wide as a river of about 80 m.
function rivers(context, list, box, colors, pixel, zoom) {
  const width = pixel * Math.max(2, Math.min(14, 2 * 2 ** (zoom - 10.5)));
  context.lineCap = context.lineJoin = "round";
  for (const [color, extra] of [[colors.border, 1.5], [colors.water, 0]]) {
    context.strokeStyle = color;
    context.lineWidth = width + extra * pixel;
    context.beginPath();
    for (const line of list) if (touches(line.box, box)) trace(context, line.points);
    context.stroke();
  }
}

function outline(context, { land, water }, box, color, width, pixel) {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.beginPath();
  for (const rings of land.concat(water)) for (const ring of rings) if (touches(ring.box, box) && !isSpeck(ring, pixel)) trace(context, ring.points);
  context.stroke();
}

// Cuts at whole device pixels: a soft edge would show the border of the finer data as a thin line.
function clipToPixels(context, box) {
  const { a, e, f } = context.getTransform();
  const [x0, y0, x1, y1] = [box[0] * a + e, box[1] * a + f, box[2] * a + e, box[3] * a + f];
  context.resetTransform();
  context.beginPath();
  context.rect(Math.ceil(x0) + 2, Math.ceil(y0) + 2, Math.floor(x1) - Math.ceil(x0) - 4, Math.floor(y1) - Math.ceil(y0) - 4);
  context.clip();
  context.setTransform(a, 0, 0, a, e, f);
}

// Where people live, as soft shade: a glow per district, as large as its population asks for.
function towns(context, land, places, box, colors) {
  context.save();
  context.beginPath();
  for (const rings of land) {
    if (!touches(rings[0].box, box)) continue;
    for (const ring of rings) trace(context, ring.points);
  }
  context.clip("evenodd");
  for (const [, lng, lat, population, kind] of places) {
    if (kind !== DISTRICT && population > 150_000) continue; // a big city is shown by its districts
    const [x, y] = project(lng, lat);
    const radius = (0.007 * Math.sqrt(population / 10_000) + 0.008) / 360 / Math.cos((lat * Math.PI) / 180);
    if (!touches([x - radius, y - radius, x + radius, y + radius], box)) continue;
    const glow = context.createRadialGradient(x, y, 0, x, y, radius);
    for (const [at, alpha] of [[0, 0.075], [0.6, 0.04], [1, 0]]) glow.addColorStop(at, colors.muted.replace("rgb(", "rgba(").replace(")", `, ${alpha})`));
    context.fillStyle = glow;
    context.fillRect(x - radius, y - radius, radius * 2, radius * 2);
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
    const taken = [...this.base.obstacles(), ...this.edges(size)];
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

  // Lines around the view: what would cross one would be cut there.
  edges({ x: width, y: height }) {
    const [x, y] = this.padding();
    return [[0, y, width, y], [0, height - y, width, height - y], [x, 0, x, height], [width - x, 0, width - x, height]];
  },

  write(context, size, taken, name, point, { font, color, halo }) {
    context.font = font;
    const width = context.measureText(name).width + 14;
    for (const aside of ASIDE) {
      const y = point.y + aside;
      const box = [point.x - width / 2, y - 10, point.x + width / 2, y + 10];
      if (taken.some((other) => touches(other, box))) continue;
      taken.push(box);
      context.strokeStyle = halo;
      context.lineWidth = 3;
      context.strokeText(name, point.x, y);
      context.fillStyle = color;
      context.fillText(name, point.x, y);
      return;
    }
  },
});

// The smallest population whose name is written at a zoom level.
function smallest(zoom, kind) {
  if (kind === COUNTRY && zoom >= 4) return 0;
  if (kind === DISTRICT) return zoom < 11 ? Infinity : zoom < 12 ? 70_000 : zoom < 13 ? 20_000 : 0;
  if (zoom < 4) return 5_000_000;
  if (zoom < 6) return 1_000_000;
  if (zoom < 8) return zoom < 7 ? 300_000 : 80_000;
  return zoom < 10 ? 50_000 : zoom < 12 ? 15_000 : 0;
}

function style(population, kind, zoom, colors) {
  const big = kind !== DISTRICT && population > 500_000;
  const size = big ? Math.min(17, 10 + zoom / 2) : kind === DISTRICT ? 11 : 12;
  return { font: `${big ? 650 : 550} ${size}px ${colors.font}`, color: big ? colors.ink : kind === DISTRICT ? colors.faint : colors.muted, halo: colors.land };
}

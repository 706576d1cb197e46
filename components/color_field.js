// A colour: the browser's picker and the same in letters. What is typed is not written over by a late answer.
const HEX = /^#[0-9a-f]{6}$/i;

export default {
  template: `
    <div class="vd-color">
      <label class="vd-color__label" :for="id">{{ label }}</label>
      <div class="vd-color__box">
        <input type="color" class="vd-color__picker" :value="shown" :aria-label="label + ': choose'" @input="pick($event.target.value)" />
        <input :id="id" class="vd-color__text" type="text" v-model.trim="text" @input="type" @blur="settle" maxlength="7" spellcheck="false" autocomplete="off" :aria-invalid="!valid" :aria-describedby="valid ? null : id + '-hint'" />
      </div>
      <p v-if="!valid" :id="id + '-hint'" class="vd-color__hint" role="alert">Write it as in #1f8a5b.</p>
    </div>`,
  props: { value: String, label: String },
  emits: ["color"],
  data() {
    return { text: this.value, shown: this.value, id: `color-${Math.random().toString(36).slice(2)}` };
  },
  computed: {
    valid() {
      return HEX.test(this.text);
    },
  },
  watch: {
    value(color) {
      this.text = this.shown = color;
    },
  },
  methods: {
    pick(color) {
      this.text = this.shown = color;
      this.$emit("color", color);
    },
    type() {
      if (/^[0-9a-f]{6}$/i.test(this.text)) this.text = `#${this.text}`;
      if (!this.valid) return;
      this.shown = this.text.toLowerCase();
      this.$emit("color", this.shown);
    },
    settle() {
      if (!this.valid) this.text = this.shown;
    },
  },
};

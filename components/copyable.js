// A value to take along: shown in one piece, copied by a button that says when it has.
export default {
  template: `
    <div class="vd-copyable">
      <div v-if="label" class="vd-copyable__label" :id="id">{{ label }}</div>
      <div class="vd-copyable__row">
        <code class="vd-copyable__text" :aria-labelledby="label ? id : null" data-copyable>{{ text }}</code>
        <button type="button" class="vd-plain-btn" :aria-label="'Copy ' + (label || 'the text')" @click="copy">{{ copied ? "Copied" : "Copy" }}</button>
        <span class="vd-hidden" role="status">{{ copied ? "Copied" : "" }}</span>
      </div>
    </div>`,
  props: { text: String, label: String, staticUrl: String },
  data: () => ({ copied: false, id: `copyable-${Math.random().toString(36).slice(2)}` }),
  methods: {
    async copy() {
      const { copyText } = await import(`${window.path_prefix ?? ""}${this.staticUrl}/clipboard.js`);
      await copyText(this.text);
      this.copied = true;
      setTimeout(() => (this.copied = false), 1500);
    },
  },
};

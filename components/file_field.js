// Sends one chosen file as the body of a request, and hands on what was answered.
export default {
  template: `
    <label class="vd-file" :aria-busy="busy">
      <input type="file" class="vd-hidden" :accept="accept" :disabled="busy" @change="send" />
      <span>{{ busy ? "Sending …" : label }}</span>
    </label>`,
  props: { label: String, accept: String, url: String, maxBytes: Number },
  emits: ["answer"],
  data: () => ({ busy: false }),
  methods: {
    async send(event) {
      const file = event.target.files[0];
      event.target.value = "";
      if (!file) return;
      if (file.size > this.maxBytes) return this.fail(`The file has ${Math.ceil(file.size / 1024)} KiB; at most ${Math.floor(this.maxBytes / 1024)} KiB are taken.`);
      this.busy = true;
      try {
        const answer = await fetch(`${window.path_prefix ?? ""}${this.url}`, { method: "POST", body: file, headers: { "Content-Type": "application/octet-stream" } });
        this.$emit("answer", await answer.json());
      } catch {
        this.fail("The file could not be sent. Check the connection and try again.");
      }
      this.busy = false;
    },
    fail(problem) {
      this.$emit("answer", { problem });
    },
  },
};

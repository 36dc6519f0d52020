// Asking the kernel, and noticing when it does not answer.

const PATIENCE = 5000; // milliseconds

class Kernel {
  // `hear(content, buffers)` gets every answer, `silent(is)` whether the kernel keeps silent.
  constructor(model, hear, silent) {
    Object.assign(this, { model, silent, open: 0 });
    this.heard = async (content, buffers) => {
      clearTimeout(this.timer);
      silent(false);
      await hear(content, buffers);
    };
    model.on("msg:custom", this.heard);
  }

  ask(message) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.silent(true), PATIENCE);
    try {
      this.model.send(message);
    } catch {
      this.silent(true);
    }
  }

  leave() {
    this.model.off("msg:custom", this.heard);
    clearTimeout(this.timer);
  }
}

async function unpacked(buffer) {
  const stream = new Blob([buffer]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).json();
}

// Plays what is said while it is still being made.

export function speaking(form, told) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    told.value = "…";
    try {
      await say(form.elements.text.value, form.elements.voice.value, told);
    } catch (error) {
      told.value = error.message;
    } finally {
      button.disabled = false;
    }
  });
}

async function say(text, voice, told) {
  const audio = new AudioContext();
  try {
    const began = performance.now();
    const wish = {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({text, voice})};
    const answer = await fetch("api/say", wish);
    if (!answer.ok) throw new Error((await answer.text()).trim());
    const rate = Number(answer.headers.get("X-Sample-Rate"));
    let end = 0, seconds = 0, first = null;
    for await (const samples of pieces(answer.body.getReader())) {
      first ??= performance.now() - began;
      const buffer = audio.createBuffer(1, samples.length, rate);
      buffer.copyToChannel(samples, 0);
      const source = new AudioBufferSourceNode(audio, {buffer});
      source.connect(audio.destination);
      end = Math.max(end, audio.currentTime + 0.02);
      source.start(end);
      end += buffer.duration;
      seconds += buffer.duration;
    }
    told.value = `First sound after ${Math.round(first)} ms, ${seconds.toFixed(1)} s of speech.`;
    await new Promise((resolve) => setTimeout(resolve, 1000 * Math.max(0, end - audio.currentTime)));
  } finally {
    await audio.close();
  }
}

// Yields floats from little-endian 16-bit samples, which may arrive cut in two.
async function* pieces(reader) {
  let left = new Uint8Array(0);
  for (;;) {
    const {value, done} = await reader.read();
    if (done) return;
    const bytes = new Uint8Array(left.length + value.length);
    bytes.set(left);
    bytes.set(value, left.length);
    const whole = bytes.length - (bytes.length % 2);
    left = bytes.slice(whole);
    if (!whole) continue;
    const view = new DataView(bytes.buffer, 0, whole);
    yield Float32Array.from({length: whole / 2}, (_, index) => view.getInt16(2 * index, true) / 32768);
  }
}

// Plays speech in the browser while the server synthesizes it.

const START_DELAY_SECONDS = 0.02;

export function connectSayForm(form, status) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    button.disabled = true;
    status.value = "…";
    try {
      await say({text: form.elements.text.value, voice: form.elements.voice.value}, status);
    } catch (error) {
      status.value = error.message;
    } finally {
      button.disabled = false;
    }
  });
}

// Plays the answer to `request`: {text, voice, word}. `word` is a word to hear before it is taught.
export async function say(request, status) {
  const audio = new AudioContext();
  try {
    const started = performance.now();
    const body = JSON.stringify(request);
    const response = await fetch("api/say", {method: "POST", headers: {"Content-Type": "application/json"}, body});
    if (!response.ok) throw new Error((await response.text()).trim());
    const rate = Number(response.headers.get("X-Sample-Rate"));
    let end = 0, seconds = 0, firstAudioMs = null;
    for await (const samples of readSamples(response.body.getReader())) {
      firstAudioMs ??= performance.now() - started;
      const buffer = audio.createBuffer(1, samples.length, rate);
      buffer.copyToChannel(samples, 0);
      const source = new AudioBufferSourceNode(audio, {buffer});
      source.connect(audio.destination);
      end = Math.max(end, audio.currentTime + START_DELAY_SECONDS);
      source.start(end);
      end += buffer.duration;
      seconds += buffer.duration;
    }
    status.value = `First audio after ${Math.round(firstAudioMs)} ms; ${seconds.toFixed(1)} s of speech.`;
    await new Promise((resolve) => setTimeout(resolve, 1000 * Math.max(0, end - audio.currentTime)));
  } finally {
    await audio.close();
  }
}

// Yields floats from little-endian 16-bit samples. A chunk may end in the middle of a sample.
async function* readSamples(reader) {
  let rest = new Uint8Array(0);
  for (;;) {
    const {value, done} = await reader.read();
    if (done) return;
    const bytes = new Uint8Array(rest.length + value.length);
    bytes.set(rest);
    bytes.set(value, rest.length);
    const usable = bytes.length - (bytes.length % 2);
    rest = bytes.slice(usable);
    if (!usable) continue;
    const view = new DataView(bytes.buffer, 0, usable);
    yield Float32Array.from({length: usable / 2}, (_, index) => view.getInt16(2 * index, true) / 32768);
  }
}

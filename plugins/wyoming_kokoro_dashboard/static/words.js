// Teaches words: hear one, keep it, change it or remove it.

import {say} from "./say.js";

// Connects the section, and returns a function that shows the answer of `api/words`.
// `voiceOf` returns a voice of a language.
export function connectWords(section, voiceOf) {
  const form = section.querySelector("form"), status = section.querySelector("output");
  const rows = section.querySelector("tbody"), names = new Intl.DisplayNames(["en"], {type: "language"});
  const {word, sound, language, sentence, hear} = form.elements;
  let shown = "";

  const entry = () => ({word: word.value, sound: sound.value, language: language.value});

  // Shows the error of `action`. All buttons of the form wait for its end.
  async function run(action) {
    const buttons = form.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    status.value = "…";
    try {
      await action();
    } catch (error) {
      status.value = error.message;
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  }

  async function send(method, content) {
    const body = JSON.stringify(content);
    const response = await fetch("api/words", {method, headers: {"Content-Type": "application/json"}, body});
    if (!response.ok) throw new Error((await response.text()).trim());
    show(await (await fetch("api/words")).json());
  }

  hear.addEventListener("click", () => {
    if (!form.reportValidity()) return;
    const text = sentence.value || word.value;
    run(() => say({text, voice: voiceOf(language.value)?.name, word: entry()}, status));
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run(async () => {
      const kept = entry();
      await send("POST", kept);
      for (const field of [word, sound, sentence]) field.value = "";
      status.value = `${kept.word} sounds like ${kept.sound} from the next sentence on.`;
      word.focus();
    });
  });

  function edit(taught) {
    word.value = taught.word;
    sound.value = taught.sound;
    language.value = taught.language;
    status.value = "";
    sound.focus();
  }

  function remove(taught) {
    run(async () => {
      await send("DELETE", {word: taught.word, language: taught.language});
      edit(taught);
      status.value = `Removed ${taught.word}. Keep it to undo this.`;
    });
  }

  function createButton(text, taught, action) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "small";
    button.textContent = text;
    button.setAttribute("aria-label", `${text} ${taught.word} (${names.of(taught.language)})`);
    button.addEventListener("click", () => action(taught));
    return button;
  }

  function createRow(known) {
    const row = document.createElement("tr");
    for (const text of [known.word, known.sound, names.of(known.language)]) row.insertCell().textContent = text;
    const cell = row.insertCell();
    if (known.origin) cell.textContent = `in ${known.origin}`;
    else cell.append(createButton("Edit", known, edit), " ", createButton("Remove", known, remove));
    return row;
  }

  function show(answer) {
    const text = JSON.stringify(answer);
    // Unchanged rows keep the focus of the keyboard.
    if (text === shown) return;
    if (!shown) {
      language.replaceChildren(...answer.languages.map((code) => (
        new Option(names.of(code), code, false, code === answer.default_language))));
    }
    shown = text;
    section.hidden = !answer.languages.length;
    rows.parentElement.hidden = !answer.words.length;
    rows.replaceChildren(...answer.words.map(createRow));
  }

  return show;
}

"""`/api/words`: lists the words of the lexicon, teaches them and removes them."""

from __future__ import annotations

import asyncio

import msgspec
from aiohttp import web

from wyoming_kokoro import Lexicon, LexiconEntry, LexiconError
from wyoming_kokoro_dashboard.context import DashboardContext
from wyoming_kokoro_dashboard.json_requests import read_json, reject


class WordRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A word and how it sounds. Without a language it belongs to the language of the default voice."""

    word: str
    sound: str
    language: str | None = None


class RemovalRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The body of a request that removes a word."""

    word: str
    language: str


async def get_words(context: DashboardContext, _: web.Request) -> web.Response:
    """Answer with all words, and the languages that have a voice; with nothing if there is no lexicon."""
    lexicon = context.server.lexicon
    spoken = {_primary(voice.language) for voice in context.server.voices}
    answer = {
        "default_language": _default_language(context),
        "languages": [language for language in lexicon.languages if language in spoken] if lexicon else [],
        "words": lexicon.entries() if lexicon else [],
    }
    return web.json_response(body=msgspec.json.encode(answer))


async def post_word(context: DashboardContext, request: web.Request) -> web.Response:
    """Teach a word, or change its pronunciation. Answer with the entry as it is stored."""
    word_request = await read_json(request, WordRequest)
    try:
        entry = await asyncio.to_thread(_lexicon(context).teach, _make_entry(context, word_request))
    except LexiconError as error:
        return reject(error)
    return web.json_response(body=msgspec.json.encode(entry))


async def delete_word(context: DashboardContext, request: web.Request) -> web.Response:
    """Remove a taught word."""
    removal = await read_json(request, RemovalRequest)
    try:
        await asyncio.to_thread(_lexicon(context).forget, removal.word, removal.language)
    except LexiconError as error:
        return reject(error)
    return web.Response(status=204)


async def preview_text(context: DashboardContext, text: str, word_request: WordRequest) -> str:
    """Return a text that sounds as `text` would if the word were taught. Raises `LexiconError`."""
    return await asyncio.to_thread(_lexicon(context).preview, text, _make_entry(context, word_request))


def _make_entry(context: DashboardContext, word_request: WordRequest) -> LexiconEntry:
    """Return the entry that a request describes."""
    language = word_request.language or _default_language(context)
    return LexiconEntry(word_request.word, word_request.sound, language)


def _lexicon(context: DashboardContext) -> Lexicon:
    lexicon = context.server.lexicon
    if lexicon is None:
        raise LexiconError("there is no lexicon; enable the plugin lexicon")
    return lexicon


def _default_language(context: DashboardContext) -> str:
    return _primary(context.server.default_voice.language)


def _primary(language: str) -> str:
    return language.partition("-")[0]

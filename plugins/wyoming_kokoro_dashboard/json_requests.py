"""JSON bodies of requests, and answers to requests that cannot be served."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from aiohttp import web

from wyoming_kokoro import parse_json

T = TypeVar("T")
BODY_TIMEOUT_SECONDS = 20.0


async def read_json(request: web.Request, cls: type[T]) -> T:
    """Return the body as `cls`. Raises an `HTTPException` that says what is wrong."""
    # HTML forms of other websites cannot send this content type.
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="send the body as application/json\n")
    try:
        return parse_json(await asyncio.wait_for(request.read(), BODY_TIMEOUT_SECONDS), cls)
    except asyncio.TimeoutError:
        raise web.HTTPRequestTimeout(text=f"the body took longer than {BODY_TIMEOUT_SECONDS:g} s\n") from None
    except ValueError as error:
        raise web.HTTPBadRequest(text=f"invalid request body: {error}\n") from None


def reject(reason: object) -> web.Response:
    """Return an answer with status 400."""
    return web.Response(status=400, text=f"{reason}\n")

"""Reads control inside the text, `[rate:0.9]...[/rate]` and SSML, and cuts it into segments that carry their voice.

It may import `text`, `config` and the ground.
"""

from __future__ import annotations

"""The mark of tests that need a redis-server or a valkey-server."""

from __future__ import annotations

import pytest

from tools.scaling.redis_process import find_redis

needs_redis = pytest.mark.skipif(find_redis() is None, reason="redis-server is not installed")

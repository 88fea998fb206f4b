# wyoming-kokoro on Debian: onnxruntime has no wheel for Alpine's C library.
FROM python:3.13-slim-trixie AS build
WORKDIR /source
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY wyoming_kokoro wyoming_kokoro
COPY plugins plugins
RUN python3 -m venv /opt/wyoming-kokoro \
    && /opt/wyoming-kokoro/bin/pip install --no-cache-dir .

FROM python:3.13-slim-trixie
RUN useradd --uid 10200 --user-group --no-create-home --home-dir /data wyoming-kokoro \
    && install --directory --owner wyoming-kokoro --group wyoming-kokoro /data
COPY --from=build /opt/wyoming-kokoro /opt/wyoming-kokoro

# The stages are prepared at the first start, into the volume: what suits the processor best is not known while building.
ENV PATH=/opt/wyoming-kokoro/bin:$PATH \
    WYOMING_KOKORO_CACHE=/data/cache \
    WYOMING_KOKORO_STATE=/data/state
USER 10200:10200
VOLUME /data
EXPOSE 10200

# The server ends by itself on SIGTERM, with what it is saying spoken, and leaves no children behind: it needs no init.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=30s --start-period=60s --retries=3 CMD ["wyoming-kokoro", "ping"]
ENTRYPOINT ["wyoming-kokoro"]

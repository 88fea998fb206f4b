# Based on Debian: onnxruntime has no wheel for the C library of Alpine.
FROM python:3.13-slim-trixie AS build
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE NOTICE ./
COPY wyoming_kokoro wyoming_kokoro
COPY plugins plugins
# For example "[redis]".
ARG EXTRAS=""
RUN python3 -m venv /opt/wyoming-kokoro \
    && /opt/wyoming-kokoro/bin/pip install --no-cache-dir --constraint constraints.txt ".$EXTRAS"

FROM python:3.13-slim-trixie
RUN useradd --uid 10200 --user-group --no-create-home --home-dir /data wyoming-kokoro \
    && install --directory --owner wyoming-kokoro --group wyoming-kokoro /data
COPY --from=build /opt/wyoming-kokoro /opt/wyoming-kokoro

# The first start prepares the model in the volume. The best preparation depends on the CPU, which the build cannot know.
ENV PATH=/opt/wyoming-kokoro/bin:$PATH \
    WYOMING_KOKORO_CACHE=/data/cache \
    WYOMING_KOKORO_STATE=/data/state
USER 10200:10200
VOLUME /data
EXPOSE 10200

# No init process is needed: on SIGTERM the server finishes running streams, stops its child processes and exits.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=60s --timeout=30s --start-period=60s --retries=3 CMD ["wyoming-kokoro", "ping"]
ENTRYPOINT ["wyoming-kokoro"]

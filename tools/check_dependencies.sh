#!/bin/sh
# Check that the dependencies, with those of the languages, of AAC and of Redis, resolve for every supported Python and platform.
# Installs nothing. Needs uv (pip install uv).
set -eu
cd "$(dirname "$0")/.."
UV=${UV:-uv}
export MACOSX_DEPLOYMENT_TARGET=14.0 # the oldest macOS with wheels of onnxruntime
for platform in x86_64-manylinux_2_28 aarch64-manylinux_2_28 aarch64-apple-darwin; do
  for python in 3.10 3.11 3.12 3.13 3.14; do
    if found=$("$UV" pip compile --quiet --no-header --no-annotate --only-binary :all: \
        --python-platform "$platform" --python-version "$python" --extra ja --extra zh --extra openai --extra redis pyproject.toml 2>&1); then
      echo "$platform python $python: $(echo "$found" | grep -c ==) packages"
    else
      echo "$platform python $python: does not resolve"; echo "$found"; exit 1
    fi
  done
done

"""The `bench` command: compares this server with plain kokoro-onnx. May import everything but `cli`."""

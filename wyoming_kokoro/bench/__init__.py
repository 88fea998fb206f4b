"""The `bench` command: compares this server with plain kokoro-onnx or another Wyoming server.

It may import everything but `cli.main`, which runs it.
"""

"""Runs one stage of the model on one provider.

It may import `preparation`, `model`, `onnx`, `api` and the ground.
"""

"""Translates between Wyoming events and speech requests.

It may import only `api` and the ground.
"""

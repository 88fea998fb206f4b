"""The sockets and the life cycle of the server process.

It may import everything except `cli` and `testing`.
"""

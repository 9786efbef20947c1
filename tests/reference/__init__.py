"""The readable twin of tallystick: straight from the pages of docs/spec, slow on purpose.

It writes tests/vectors. Nothing here imports tallystick.
"""

"""Stores, and trees in them."""

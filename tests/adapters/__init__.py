"""Stores that an application would write, made from the documentation alone and run through the kit."""

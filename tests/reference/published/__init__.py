"""Published formats of proof of liabilities, as readable as can be: builders that make our own fixtures from the layouts.

One file a format. Imports nothing from ``tallystick``; honest trees and, where a format allows them, forged ones.
"""

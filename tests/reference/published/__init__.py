"""Published formats of proof of liabilities, as readable as can be: builders of fixtures, from the layouts.

All fixtures are ours. Imports nothing from ``tallystick``; makes honest trees and, where a format allows
them, forged ones. ``accepts`` is what a publisher's own verifier checks, in our words: attacks are shown
against it.
"""

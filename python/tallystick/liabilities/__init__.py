"""What an operator owes.

What others publish about what they owe is read by :mod:`tallystick.liabilities.published`.
"""

"""The tests of tallystick."""

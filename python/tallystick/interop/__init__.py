"""Others' forms of trees and proofs, and back: one module a counterpart, imported by name.

>>> from tallystick.interop import nmt
>>> nmt.Proof(0, 0, ()).to_json()
'{"is_max_namespace_ignored":true}'
"""

"""Benchmarks that are followed from commit to commit: small, one thread, absolute numbers of one machine."""

"""How work runs: decoding, batches by length, the cache that makes every step resumable, run folders."""

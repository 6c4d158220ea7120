"""The parts of quality.py: what it draws (scenes), plants (planter), runs (finders), measures and prints (tables)."""

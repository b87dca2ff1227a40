"""JSON Schema to instances: see choices.py (decisions), values.py (documents), boundaries.py."""

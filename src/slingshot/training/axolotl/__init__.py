"""Axolotl's YAML: every key of a file classified, old ones translated, and the schema's page."""

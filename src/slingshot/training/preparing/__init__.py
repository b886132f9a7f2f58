"""Before the first step: rows read and checked, and shown."""

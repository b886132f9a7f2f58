"""Conversations that people save and share in a folder."""

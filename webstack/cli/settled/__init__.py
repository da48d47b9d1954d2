"""Answers `up` and `preview` without the program where nothing that it depends on has changed."""

"""The commands, each a use case: gather, decide, act, report."""

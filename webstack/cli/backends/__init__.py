"""Runs the program by the Pulumi CLI or by the embedded engine, behind one interface."""

"""What runs the program: the Pulumi CLI or the embedded engine, behind one face."""

"""What is wanted: settings, and the resources that they declare."""

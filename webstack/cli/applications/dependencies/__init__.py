"""What an application installs: its packages, their pins, and what an index has of them."""

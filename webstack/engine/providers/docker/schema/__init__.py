"""How resource types and their properties are described."""

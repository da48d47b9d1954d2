"""Projects: how one is made, and how it is brought to another version of the tool.

Standard library only, since all of it also runs from a wheel that is not installed.
"""

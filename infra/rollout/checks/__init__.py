"""Looks at folders, volumes and pages of new containers before they serve."""

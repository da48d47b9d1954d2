"""The tool: what runs the Pulumi program of a project, and the command line around it."""

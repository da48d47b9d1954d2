"""The parts of deploy_under_load.py: a service, clients that ask it, and changes to its stack."""

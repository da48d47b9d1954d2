"""What deploy_under_load.py is made of: a service, clients that ask it, changes to its stack."""

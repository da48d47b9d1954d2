"""Lists the commands by kind, with a line of help each, without importing their modules."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from importlib import import_module
from typing import Protocol

_KINDS = {
    "deployment": {
        "up": "bring the machine to what the program declares",
        "preview": "show what `up` would do",
        "bundle": "pack the release in force into a file, for a machine without a network",
        "promote": "deploy the very images that a stack runs",
        "rollback": "bring an earlier release back as a whole",
        "refresh": "bring the state to what the machine has",
        "destroy": "take away all that the stack made",
        "down": "take the stack away; its data only with --data",
    },
    "inspection": {
        "status": "show services, containers and their health",
        "top": "show requests, errors and durations by service and release, as they are now",
        "alarms": "show what is or was wrong; test or silence who is told",
        "stats": "show what each container uses at the moment",
        "sbom": "list what the image of a service is made of, as CycloneDX",
        "inspect": "say in words what a service or a server runs",
        "logs": "print the logs of all containers in order of time",
        "proxy": "show and check nginx's configuration, and see what it does with an address",
        "outputs": "print the stack's outputs",
        "history": "list the updates, the newest first",
        "releases": "list the releases that can come back",
        "drift": "show what differs from the state; exit code 2 if something does",
        "diff": "show how two stacks differ",
        "doctor": "check what this machine has and what the stack needs",
        "comment": "print what a preview means for a pull request, or post it there",
    },
    "operation": {
        "run": "run a command in a new container of a service, gone afterwards",
        "exec": "run a command in a container of a service that runs",
        "shell": "open a shell in a new container of a service",
        "debug": "talk to the breakpoints that a service's code reaches, in development",
        "manage": "run Django's manage.py in a new container of its service",
        "flask": "run Flask's command in a new container of its service",
        "cp": "copy files out of a service's container, or into one of its volumes",
        "open": "open a service in the browser",
        "scale": "give services or roles another number of containers",
    },
    "data": {
        "psql": "talk to PostgreSQL",
        "valkey": "talk to the cache, or to the queue",
        "db": "copy a service's database out, or in",
        "backup": "make, list, prove and copy backups of data",
        "secrets": "list the secrets of services, or have one made anew",
        "restore": "bring the data of a backup, or of a moment, back",
    },
    "administration": {
        "new": "make a project that holds only what its owner changes",
        "upgrade": "bring the project to a newer version of webstack",
        "add": "look at an application, and write the service that it becomes",
        "config": "read and write the stack's settings",
        "stack": "create, list, remove, export and import stacks",
        "host": "set up the machine that a stack runs on",
        "swarm": "make machines a swarm, and show its nodes and services",
        "env": "print what the Pulumi CLI needs, as exports for a shell",
        "cache": "forget the answers of services that nginx keeps",
        "maintenance": "take services out while somebody works on them, and back",
        "trust": "have this machine trust the stack's development certificate",
        "prune": "remove the images and static files of releases that are not kept",
        "cancel": "remove the lock that an ended run has left",
    },
}
COMMANDS = {command: text for commands in _KINDS.values() for command, text in commands.items()}
"""Each command's line of help."""
_PACKAGES = {command: kind for kind, commands in _KINDS.items() for command in commands}


class Command(Protocol):
    """Defines what the module of a command has."""

    def arguments(self, parser: ArgumentParser) -> None:
        """Add the command's words and options."""

    def run(self, options: Namespace) -> int:
        """Do what the command is for; gives the exit code."""


def find(command: str) -> Command:
    """Import the one module that does a command."""
    module: Command = import_module(f"webstack.cli.commands.{_PACKAGES[command]}.{command}")
    return module

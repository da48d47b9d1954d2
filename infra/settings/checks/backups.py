"""Checks of the backups of a stack: pure. Each raises SettingsError."""

from __future__ import annotations

from infra.settings.sections import NAMESPACE, Settings, SettingsError
from webstack.contract.role_names import full_name


def check_backups(settings: Settings) -> None:
    """Raise SettingsError for backups that would not be made, or whose names are taken."""
    wanted = settings.backups
    if not wanted:
        return
    where = f"{NAMESPACE}:backups"
    kept = {name: {*service.kept_folders} for name, service in settings.services.items()}
    kept |= {name: {*server.volumes} for name, server in settings.stateful.items()}
    for each in wanted.leave_out:
        owner, _, volume = each.partition(".")
        if owner not in kept or (volume and volume not in kept[owner]):
            raise SettingsError(f"{where}.leave_out: nothing is kept as {each}; correct the name")
    for owner, volumes in kept.items():
        own = full_name(owner, "backup")
        if volumes and own in kept:
            raise SettingsError(
                f"{where}: {own} is what makes backups of {owner}, too; give it another name"
            )

"""Keeps secret settings out of the state in the clear, however the program has read them.

The SDK hands out some as plain values: ``Config.get`` of a secret key, and ``Config.get_object``
of a structure that holds one. What a program declares with such a text in it becomes secret.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from webstack.engine.model.values import Secret

# Shorter ones would be found by chance in texts that have nothing to do with them; they count
# only where they are the whole text.
_SHORTEST: Final = 4


class SecretTexts:
    """Holds the decrypted secrets of the stack's settings."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._whole = frozenset(text for text in texts if text)
        self._texts = tuple(sorted(text for text in self._whole if len(text) >= _SHORTEST))

    def sealed(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values with every text marked secret that contains one of the secrets."""
        if not self._whole:
            return dict(values)
        return {key: self._sealed(value) for key, value in values.items()}

    def _sealed(self, value: Any) -> Any:
        if isinstance(value, str):
            return Secret(value) if self._is_secret(value) else value
        if isinstance(value, Mapping):
            return {key: self._sealed(item) for key, item in value.items()}
        return [self._sealed(item) for item in value] if isinstance(value, list) else value

    def _is_secret(self, text: str) -> bool:
        return text in self._whole or any(secret in text for secret in self._texts)

"""Holds the policies: each module is read, and each policy in it applies.

Yours go into a file in ``infra/policies/rules`` of the project, wherever webstack itself is
installed.
"""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)

"""The policies: each module is read, and each policy in it holds. Yours go into a file beside.

Beside means in ``infra/policies/rules`` of the project, wherever webstack itself is installed.
"""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)

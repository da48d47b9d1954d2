"""Declares what is wanted: the settings, and the resources that follow from them.

A project may have a folder ``infra`` of its own. Both are one package, and Python finds the
project's modules after these.
"""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)

"""What is wanted: settings, and the resources that they declare.

One package with the folder ``infra`` of a project, whose modules come after these.
"""

from pkgutil import extend_path

__path__ = extend_path(__path__, __name__)

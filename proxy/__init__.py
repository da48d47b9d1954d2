"""Turns routes into nginx.conf. The image that runs it lies beside."""

from proxy.render import render
from proxy.site import RoutedService, RouteError, Site

__all__ = ["RouteError", "RoutedService", "Site", "render"]
